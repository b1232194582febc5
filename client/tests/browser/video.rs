//! Playing within the autoplay policy.

use vong_client::platform::media::{self, Kind};
use vong_client::platform::video::{self, Sound};
use vong_client::platform::{Outgoing, Stream};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Screen, js};

async fn camera() -> Stream {
    let camera = media::open(Kind::Camera).await.unwrap();
    Stream::local(&Outgoing { camera: Some(camera), ..Outgoing::default() }).unwrap()
}

/// Makes the element refuse to play with sound, as browsers do before the first tap, or always agree.
fn policy(screen: &Screen, allows: bool) {
    let define = js("(video, allows) => {
        video.play = () => !allows && !video.muted
            ? Promise.reject(new DOMException('no tap yet', 'NotAllowedError'))
            : HTMLMediaElement.prototype.play.call(video);
    }");
    let define: js_sys::Function = define.into();
    define.call2(&wasm_bindgen::JsValue::NULL, &screen.0, &allows.into()).unwrap();
}

#[wasm_bindgen_test]
async fn sound_that_is_refused_is_played_muted_until_a_tap() {
    let (screen, stream) = (Screen::new(), camera().await);
    screen.0.set_muted(false);
    policy(&screen, false);
    assert_eq!(video::play(screen.0.clone(), Some(stream.clone())).await, Sound::NeedsTap);
    assert!(screen.0.muted());
    screen.advances("it plays all the same").await;
    assert!(screen.0.video_width() > 0);

    policy(&screen, true);
    video::unmute(&screen.0);
    assert!(!screen.0.muted());
    assert_eq!(video::play(screen.0.clone(), Some(stream)).await, Sound::On, "the next stream has sound");
}

#[wasm_bindgen_test]
async fn a_preview_is_muted_and_shows_the_camera() {
    let (screen, stream) = (Screen::new(), camera().await);
    screen.0.set_muted(false);
    video::preview(&screen.0, Some(&stream));
    assert!(screen.0.muted());
    screen.advances("the preview runs").await;
    video::preview(&screen.0, None);
    assert!(screen.0.src_object().is_none());
}
