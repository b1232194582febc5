//! Time and chance, which a session has none of.

use vong_session::Time;

use super::window;

/// Milliseconds since the page began to load; never falls.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole, positive number of ms")]
pub fn now() -> Time {
    Time(window().and_then(|w| w.performance()).map_or(0.0, |p| p.now()) as u64)
}

/// Milliseconds since 1970, as far as the computer knows; unlike [`now`] it goes on from one page to the next.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole, positive number of ms")]
pub fn date() -> u64 {
    js_sys::Date::now() as u64
}

/// 64 random bits. Should the browser have none to give, the time has to do: they spread retries, they keep no secret.
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    let drawn = window().and_then(|w| w.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok());
    if drawn.is_some() { u64::from_le_bytes(bytes) } else { js_sys::Date::now().to_bits() }
}
