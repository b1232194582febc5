//! Two connections in one page: a watcher's, which offers, and a broadcaster's, which answers.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use vong_client::platform::media::{self, Kind};
use vong_client::platform::{Outgoing, Peer, Stream, video};
use vong_protocol::{Attempt, Ice, IceCandidate};
use vong_session::{ConnectionEvent as Event, Transport};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Screen, eventually, holds, js, watch_connections};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Watcher,
    Broadcaster,
}

type Log = Rc<RefCell<VecDeque<(Side, Event)>>>;

/// Both ends, and in their place of a server what carries words between them.
struct Pair {
    watcher: Option<Peer>,
    broadcaster: Option<Peer>,
    fresh: Log,
    seen: Vec<(Side, Event)>,
    early: Vec<IceCandidate>,
}

impl Pair {
    fn new(outgoing: Outgoing) -> Self {
        watch_connections();
        let fresh = Log::default();
        let reports = |side| {
            let log = Rc::clone(&fresh);
            move |event| log.borrow_mut().push_back((side, event))
        };
        let watcher = Peer::watcher(reports(Side::Watcher)).unwrap();
        let broadcaster = Peer::broadcaster(reports(Side::Broadcaster), outgoing).unwrap();
        let (watcher, broadcaster) = (Some(watcher), Some(broadcaster));
        Self { watcher, broadcaster, fresh, seen: Vec::new(), early: Vec::new() }
    }

    fn offer(&mut self, attempt: u32, restart: bool) {
        self.watcher.as_ref().unwrap().create_offer(Attempt(attempt), restart);
    }

    /// Carries what was said since the last time.
    fn carry(&mut self) {
        while let Some((side, event)) = { self.fresh.borrow_mut().pop_front() } {
            if let (Some(watcher), Some(broadcaster)) = (&self.watcher, &self.broadcaster) {
                match (side, event.clone()) {
                    (_, Event::OfferCreated { attempt, sdp }) => {
                        watcher.set_offer(attempt, Ice::default());
                        broadcaster.accept(attempt, sdp, Ice::default());
                    }
                    (_, Event::AnswerCreated { attempt, sdp }) => watcher.apply_answer(attempt, sdp),
                    (_, Event::AnswerApplied { .. }) => {
                        self.early.drain(..).for_each(|candidate| watcher.add_candidate(candidate));
                    }
                    (Side::Watcher, Event::Candidate { candidate, .. }) => {
                        broadcaster.add_candidate(candidate);
                    }
                    (Side::Broadcaster, Event::Candidate { candidate, .. }) => {
                        let answered = |e: &(Side, Event)| matches!(e.1, Event::AnswerApplied { .. });
                        if self.seen.iter().any(answered) {
                            watcher.add_candidate(candidate);
                        } else {
                            self.early.push(candidate);
                        }
                    }
                    _ => {}
                }
            }
            self.seen.push((side, event));
        }
    }

    /// Carries words until `side` reports `event`.
    async fn until(&mut self, side: Side, event: Event) {
        let what = format!("{side:?} reports {event:?}");
        eventually(&what, || {
            self.carry();
            self.seen.contains(&(side, event.clone())).then_some(())
        })
        .await;
    }

    /// What there is of sound and camera, once the watcher was told of it. The first that it is told of may be the screen's place:
    /// Chromium measures the path with a packet there before the camera's first.
    async fn main(&mut self) -> Stream {
        eventually("sound or the camera comes", || {
            self.carry();
            let is_told = self.seen.contains(&(Side::Watcher, Event::Media));
            self.watcher.as_ref().unwrap().streams().main.filter(|_| is_told)
        })
        .await
    }

    async fn received(&mut self) -> u64 {
        self.watcher.as_ref().unwrap().measure();
        let before = self.seen.len();
        eventually("bytes are counted", || {
            self.carry();
            self.seen[before..].iter().find_map(|(_, event)| match event {
                Event::Received { bytes, .. } => Some(*bytes),
                _ => None,
            })
        })
        .await
    }

    async fn receives_more_than(&mut self, bytes: u64) -> u64 {
        for _ in 0..500 {
            let now = self.received().await;
            if now > bytes {
                return now;
            }
            gloo_timers::future::TimeoutFuture::new(10).await;
        }
        panic!("no more than {bytes} bytes came: {:?}", self.seen);
    }

    async fn connect(outgoing: Outgoing) -> Self {
        let mut pair = Self::new(outgoing);
        pair.offer(1, false);
        pair.until(Side::Watcher, Event::Transport(Transport::Connected)).await;
        pair.until(Side::Broadcaster, Event::Transport(Transport::Connected)).await;
        pair
    }
}

async fn both() -> Outgoing {
    let (camera, microphone) = media::open_both().await;
    Outgoing { camera: camera.ok(), sound: microphone.ok(), ..Outgoing::default() }
}

#[wasm_bindgen_test]
async fn media_flows_from_the_broadcaster_to_the_watcher() {
    let mut pair = Pair::connect(both().await).await;
    let main = pair.main().await;
    let first = pair.receives_more_than(0).await;
    pair.receives_more_than(first).await;
    let screen = Screen::new();
    video::play(screen.0.clone(), Some(main)).await;
    screen.advances("the picture runs").await;
    eventually("the picture joins the sound", || (screen.0.video_width() > 0).then_some(())).await;
    eventually("frames are counted", || {
        pair.watcher.as_ref().unwrap().measure();
        pair.carry();
        pair.seen.iter().any(|(_, e)| matches!(e, Event::Received { frames: 1.., .. })).then_some(())
    })
    .await;
    assert!(!pair.seen.iter().any(|(side, event)| *side == Side::Broadcaster && *event == Event::Media));
    let numbered =
        |e: &(Side, Event)| !matches!(e.1, Event::Candidate { attempt, .. } if attempt != Attempt(1));
    assert!(pair.seen.iter().all(numbered));
}

#[wasm_bindgen_test]
async fn both_ends_count_what_passes_between_them() {
    let mut pair = Pair::connect(both().await).await;
    pair.receives_more_than(0).await;
    let (broadcaster, watcher) = (pair.broadcaster.as_ref().unwrap(), pair.watcher.as_ref().unwrap());
    let sent = broadcaster.reading().await.unwrap();
    assert!(sent.sent > 0 && sent.received == 0, "{sent:?}");
    let received = watcher.reading().await.unwrap();
    assert!(received.received > 0 && received.packets > 0 && received.sent == 0, "{received:?}");
}

#[wasm_bindgen_test]
async fn with_relays_alone_and_no_relay_nothing_is_gathered() {
    let mut pair = Pair::new(Outgoing::default());
    let watcher = pair.watcher.as_ref().unwrap();
    watcher.create_offer(Attempt(1), false);
    watcher.set_offer(Attempt(1), Ice { relay_only: true, ..Ice::default() });
    let offered = |e: &(Side, Event)| matches!(e.1, Event::OfferCreated { .. });
    eventually("the offer is there", || pair.fresh.borrow().iter().any(offered).then_some(())).await;
    eventually("gathering is over", || pair.watcher.as_ref().unwrap().is_gathered().then_some(())).await;
    pair.seen.extend(pair.fresh.borrow_mut().drain(..));
    assert!(!pair.seen.iter().any(|e| matches!(e.1, Event::Candidate { .. })), "{:?}", pair.seen);
}

#[wasm_bindgen_test]
async fn one_offer_carries_sound_two_pictures_and_a_channel_in_that_order() {
    let pair = Pair::connect(Outgoing::default()).await;
    let offer = pair.seen.iter().find_map(|(_, event)| match event {
        Event::OfferCreated { sdp, .. } => Some(sdp.clone()),
        _ => None,
    });
    let offer = offer.unwrap();
    let kinds: Vec<&str> = offer.lines().filter_map(|l| l.strip_prefix("m=")?.split(' ').next()).collect();
    assert_eq!(kinds, ["audio", "video", "video", "application"]);
    assert!(holds("made[1].getTransceivers().every(t => t.currentDirection === 'sendonly')"));
}

#[wasm_bindgen_test]
async fn sound_alone_plays() {
    let microphone = media::open(Kind::Microphone).await.ok();
    let mut pair = Pair::connect(Outgoing { sound: microphone, ..Outgoing::default() }).await;
    let screen = Screen::new();
    video::play(screen.0.clone(), Some(pair.main().await)).await;
    screen.advances("the sound runs").await;
    assert_eq!(screen.0.video_width(), 0);
}

#[wasm_bindgen_test]
async fn a_camera_that_comes_later_needs_no_offer() {
    let mut pair = Pair::connect(Outgoing::default()).await;
    let screen = Screen::new();
    assert!(pair.watcher.as_ref().unwrap().streams().main.is_none(), "nothing to show yet");
    let camera = media::open(Kind::Camera).await.ok();
    pair.broadcaster.as_ref().unwrap().send(Outgoing { camera, ..Outgoing::default() });
    video::play(screen.0.clone(), Some(pair.main().await)).await;
    screen.advances("the picture runs").await;
    let offers = pair.seen.iter().filter(|(_, event)| matches!(event, Event::OfferCreated { .. })).count();
    assert_eq!(offers, 1);
}

#[wasm_bindgen_test]
async fn an_ice_restart_keeps_the_media_flowing() {
    let mut pair = Pair::connect(both().await).await;
    pair.receives_more_than(0).await;
    let before = js("made[0].localDescription.sdp.match(/ice-ufrag:(.*)/)[1]").as_string();
    pair.offer(2, true);
    pair.until(Side::Watcher, Event::AnswerApplied { attempt: Attempt(2) }).await;
    let after = js("made[0].localDescription.sdp.match(/ice-ufrag:(.*)/)[1]").as_string();
    assert_ne!(before, after, "the credentials are new");
    eventually("a candidate of the second negotiation", || {
        pair.carry();
        let second = |e: &(Side, Event)| matches!(e.1, Event::Candidate { attempt: Attempt(2), .. });
        pair.seen.iter().any(second).then_some(())
    })
    .await;
    eventually("the new path is used", || {
        pair.carry();
        holds("made[0].iceConnectionState.match(/connected|completed/) && made[0].connectionState === 'connected'")
            .then_some(())
    })
    .await;
    let then = pair.received().await;
    pair.receives_more_than(then).await;
}

#[wasm_bindgen_test]
async fn each_side_learns_that_the_other_closed_and_the_closing_one_says_nothing() {
    for closing in [Side::Watcher, Side::Broadcaster] {
        let mut pair = Pair::connect(Outgoing::default()).await;
        eventually("the channel is open", || {
            pair.carry();
            holds("channels.length === 4 && channels.every(c => c.readyState === 'open')").then_some(())
        })
        .await;
        let (other, index) = match closing {
            Side::Watcher => (Side::Broadcaster, 0),
            Side::Broadcaster => (Side::Watcher, 1),
        };
        let count = pair.seen.len();
        match closing {
            Side::Watcher => pair.watcher = None,
            Side::Broadcaster => pair.broadcaster = None,
        }
        assert!(holds(&format!("made[{index}].connectionState === 'closed'")), "closed by being dropped");
        pair.until(other, Event::ClosedByPeer).await;
        let said: Vec<_> = pair.seen[count..].iter().filter(|(side, _)| *side == closing).collect();
        assert!(said.is_empty(), "{said:?}");
    }
}

#[wasm_bindgen_test]
async fn what_the_browser_refuses_fails_its_negotiation_and_no_other() {
    let mut pair = Pair::new(Outgoing::default());
    pair.broadcaster.as_ref().unwrap().accept(Attempt(7), "not a description".to_owned(), Ice::default());
    pair.until(Side::Broadcaster, Event::NegotiationFailed { attempt: Attempt(7) }).await;
    pair.watcher.as_ref().unwrap().set_offer(Attempt(8), Ice::default());
    pair.until(Side::Watcher, Event::NegotiationFailed { attempt: Attempt(8) }).await;
    pair.offer(9, false);
    pair.until(Side::Watcher, Event::Transport(Transport::Connected)).await;
}

#[wasm_bindgen_test]
async fn a_connection_dropped_amid_its_work_reports_nothing() {
    let fresh = Log::default();
    let log = Rc::clone(&fresh);
    let peer = Peer::watcher(move |event| log.borrow_mut().push_back((Side::Watcher, event))).unwrap();
    peer.create_offer(Attempt(1), false);
    peer.measure();
    drop(peer);
    eventually("the callback is gone", || (Rc::strong_count(&fresh) == 1).then_some(())).await;
    assert!(fresh.borrow().is_empty());
}
