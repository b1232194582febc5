//! The chat, on good and bad days: everyone sees the same, in the same order, and nothing twice.

use vong_session::{Millis, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::sim::{Page, World};

const SOON: Millis = Millis(10_000);

fn live(world: &mut World, watchers: usize) -> (Page, Vec<Page>) {
    let broadcaster = world.broadcaster(None);
    let watchers: Vec<Page> = (0..watchers).map(|_| world.watcher()).collect();
    for watcher in &watchers {
        world.run_until("the watcher sees it", SOON, |w| w.phase(*watcher) == Phase::Live);
    }
    world.run(Millis(1_000));
    (broadcaster, watchers)
}

fn agree(world: &World, pages: &[Page], words: &[&str]) -> bool {
    pages.iter().all(|page| world.chat(*page) == words)
}

#[test]
fn what_anyone_says_is_seen_by_all_in_one_order() {
    let mut world = World::new(1);
    let (broadcaster, watchers) = live(&mut world, 3);
    for words in [["a0", "a1", "a2"], ["b0", "b1", "b2"]] {
        for (watcher, words) in watchers.iter().zip(words) {
            world.say(*watcher, words);
        }
        world.say(broadcaster, words[0]);
    }
    world.run(Millis(1_000));
    let order = world.chat(broadcaster);
    assert_eq!(order.len(), 8, "{order:?}");
    assert!(watchers.iter().all(|watcher| world.chat(*watcher) == order));
}

#[test]
fn a_late_watcher_is_told_the_recent_past() {
    let mut world = World::new(2);
    let (broadcaster, watchers) = live(&mut world, 1);
    world.say(broadcaster, "welcome");
    world.say(watchers[0], "hello");
    world.run(Millis(1_000));
    let late = world.watcher();
    world.run_until("it is told", SOON, |w| agree(w, &[late], &["welcome", "hello"]));
}

#[test]
fn what_is_said_without_a_way_is_heard_once_there_is_one() {
    let mut world = World::new(3);
    let (broadcaster, watchers) = live(&mut world, 2);
    world.move_path();
    world.say(watchers[0], "is anybody there?");
    world.say(broadcaster, "I am");
    let all = [broadcaster, watchers[0], watchers[1]];
    world.run_until("all are told", Millis(20_000), |w| all.iter().all(|page| w.chat(*page).len() == 2));
    assert!(all.iter().all(|page| world.chat(*page) == world.chat(broadcaster)));
    // And over a connection that is made anew.
    world.cut_media(true);
    world.say(watchers[0], "and now?");
    world.run(Millis(15_000));
    world.cut_media(false);
    world
        .run_until("all are told again", Millis(30_000), |w| all.iter().all(|page| w.chat(*page).len() == 3));
}

#[test]
fn the_chat_goes_on_after_the_broadcasters_page_was_loaded_again() {
    let mut world = World::new(4);
    let (broadcaster, watchers) = live(&mut world, 1);
    world.say(watchers[0], "before");
    world.run(Millis(1_000));
    let (key, past) = (world.key(broadcaster), world.past(broadcaster));
    world.kill(broadcaster);
    let again = world.broadcaster_after(key, past);
    assert_eq!(world.chat(again), ["before"]);
    world.run_until("the watcher sees it again", SOON, |w| w.sees_video(watchers[0]));
    world.run(Millis(1_000));
    world.say(watchers[0], "after");
    world.run_until("it is heard", SOON, |w| agree(w, &[again, watchers[0]], &["before", "after"]));
}

#[test]
fn a_page_that_remembers_nothing_begins_a_chat_of_its_own() {
    let mut world = World::new(5);
    let (broadcaster, watchers) = live(&mut world, 1);
    world.say(broadcaster, "before");
    world.run(Millis(1_000));
    let key = world.key(broadcaster);
    world.kill(broadcaster);
    let again = world.broadcaster(key);
    world.run_until("the watcher sees it again", SOON, |w| w.sees_video(watchers[0]));
    world.say(again, "after");
    world.run_until("both see the same", SOON, |w| agree(w, &[again, watchers[0]], &["after"]));
}

#[test]
fn who_floods_is_removed_and_nobody_else_is_hurt() {
    let mut world = World::new(6);
    let (broadcaster, watchers) = live(&mut world, 2);
    for _ in 0..400 {
        world.tell(watchers[0], r#"{"type":"react","reaction":"heart"}"#);
        world.tell(watchers[0], "\u{0} nonsense");
    }
    world.run_until("the flooding page is removed", SOON, |w| w.phase(watchers[0]) == Phase::Failed);
    world.say(watchers[1], "quiet here");
    world.run_until("the others go on", SOON, |w| agree(w, &[broadcaster, watchers[1]], &["quiet here"]));
    assert_eq!(world.phase(watchers[1]), Phase::Live);
    world.run(Millis(5_000));
    assert_eq!(world.connections(broadcaster).len(), 1, "and stays out");
}

#[test]
fn whoever_is_met_by_the_broadcasters_next_page_has_the_number_of_before() {
    let mut world = World::new(9);
    let (broadcaster, watchers) = live(&mut world, 2);
    let both = |met: &[u32]| met == [1, 2] || met == [2, 1];
    assert!(both(world.met(broadcaster)), "{:?}", world.met(broadcaster));
    world.say(broadcaster, "back soon");
    world.run(Millis(1_000));
    let (key, past) = (world.key(broadcaster), world.past(broadcaster));
    world.kill(broadcaster);
    let again = world.broadcaster_after(key, past);
    let all_met = |w: &World| both(w.met(again)) && watchers.iter().all(|page| w.met(*page) == [0, 0]);
    world.run_until("all have met again", SOON, all_met);
}
