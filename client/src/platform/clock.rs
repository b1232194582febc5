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

/// A time of day as people there read it, to the minute, of milliseconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "times this far off are not told to the millisecond")]
pub fn time_of_day(at: u64) -> String {
    let date = js_sys::Date::new(&(at as f64).into());
    let two =
        |number: u32| if number < 10 { ["0", &number.to_string()].concat() } else { number.to_string() };
    [two(date.get_hours()), two(date.get_minutes())].join(":")
}

/// A moment as part of a file's name, such as `20261128-091503`, of milliseconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "times this far off are not told to the millisecond")]
pub fn stamp(at: u64) -> String {
    let date = js_sys::Date::new(&(at as f64).into());
    let day = [date.get_full_year(), date.get_month() + 1, date.get_date()];
    let two = |number: &u32| [if *number < 10 { "0" } else { "" }, &number.to_string()].concat();
    let time = [date.get_hours(), date.get_minutes(), date.get_seconds()];
    [day.iter().map(two).collect::<String>(), time.iter().map(two).collect()].join("-")
}

/// 64 random bits. Should the browser have none to give, the time has to do: they spread retries, they keep no secret.
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    let drawn = window().and_then(|w| w.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok());
    if drawn.is_some() { u64::from_le_bytes(bytes) } else { js_sys::Date::now().to_bits() }
}
