//! What the connection does, for those who ask: the last reading in numbers, the last minute in plots.

use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*, task::spawn_local};

use super::text::t;
use crate::{driver::Watching, platform::Details};

/// How often it is read.
const EVERY: std::time::Duration = std::time::Duration::from_secs(1);
/// Readings that a plot shows.
const SHOWN: usize = 60;

/// Shown for as long as it is there.
#[component]
pub(super) fn Statistics(watching: Watching) -> impl IntoView {
    let read = RwSignal::new(Vec::<Rates>::new());
    let last = StoredValue::new(None::<Details>);
    let look = move || {
        spawn_local(async move {
            let Some(details) = watching.details().await else { return };
            let before = last.try_update_value(|last| last.replace(details.clone())).flatten();
            if let Some(rates) = before.and_then(|before| Rates::between(&before, &details)) {
                read.try_update(|read| {
                    if read.len() >= SHOWN {
                        read.remove(0);
                    }
                    read.push(rates);
                });
            }
        });
    };
    look();
    let interval = set_interval_with_handle(look, EVERY);
    on_cleanup(move || {
        if let Ok(interval) = interval {
            interval.clear();
        }
    });
    view! { <dl id="statistics" class="statistics" inner_html=move || read.with(|read| table(read))></dl> }
}

/// What happened between two readings, in whole numbers: writing others takes ten times the bytes.
#[derive(Clone, Debug, PartialEq)]
struct Rates {
    now: Details,
    /// Pictures a second.
    fps: u64,
    /// Kilobits a second.
    kilobits: u64,
    /// Packets of a thousand.
    loss: u64,
    /// Milliseconds that a picture waited before it was shown.
    buffer: u64,
}

impl Rates {
    /// `None` if it is another connection, whose counters begin anew.
    fn between(before: &Details, now: &Details) -> Option<Self> {
        let ms = now.at.0.checked_sub(before.at.0)?.max(1);
        let grew = |read: fn(&Details) -> u64| read(now).checked_sub(read(before));
        let (frames, bytes, packets) = (grew(|d| d.frames)?, grew(|d| d.bytes)?, grew(|d| d.packets)?);
        let lost = grew(|d| d.lost).unwrap_or(0);
        let (waited, shown) = (grew(|d| d.waited.0).unwrap_or(0), grew(|d| d.shown).unwrap_or(0));
        Some(Self {
            now: now.clone(),
            fps: (frames * 1_000 + ms / 2) / ms,
            kilobits: bytes * 8 / ms,
            loss: lost * 1_000 / (packets + lost).max(1),
            buffer: waited / shown.max(1),
        })
    }

    fn round_trip(&self) -> u64 {
        self.now.round_trip.map_or(0, |trip| trip.0)
    }
}

type Figure = fn(&Rates) -> u64;

/// The rows. Nothing in here was typed by anybody; of the codec's name, letters and digits are taken.
fn table(read: &[Rates]) -> String {
    let Some(last) = read.last() else { return String::new() };
    let row = |label: &str, value: &[&str], plot: Option<Figure>| {
        let plot = plot.map(|of| plotted(read, of)).unwrap_or_default();
        ["<div><dt>", label, "</dt><dd>", &value.concat(), "</dd>", &plot, "</div>"].concat()
    };
    let of = |figure: Figure| figure(last).to_string();
    let (width, height) = last.now.size;
    let codec: String = last.now.codec.chars().filter(char::is_ascii_alphanumeric).collect();
    let path = match last.now.relayed {
        Some(true) => t().stat_relayed(),
        Some(false) => t().stat_direct(),
        None => "",
    };
    let loss = [&(last.loss / 10).to_string(), ".", &(last.loss % 10).to_string(), " %"];
    let latency = |rates: &Rates| rates.round_trip() / 2 + rates.buffer;
    [
        row(t().stat_picture(), &[&width.to_string(), "×", &height.to_string(), " ", &codec], None),
        row(t().stat_fps(), &[&of(|r| r.fps)], Some(|r| r.fps)),
        row(t().stat_bitrate(), &[&of(|r| r.kilobits), " kbit/s"], Some(|r| r.kilobits)),
        row(t().stat_loss(), &loss, Some(|r| r.loss)),
        row(t().stat_round_trip(), &[&of(Rates::round_trip), " ms"], Some(Rates::round_trip)),
        row(t().stat_buffer(), &[&of(|r| r.buffer), " ms"], Some(|r| r.buffer)),
        row(t().stat_latency(), &[&of(latency), " ms"], None),
        row(t().stat_path(), &[path], None),
    ]
    .concat()
}

/// The course of one figure, from 0 to its highest.
fn plotted(read: &[Rates], of: Figure) -> String {
    const HEIGHT: u64 = 100;
    let highest = read.iter().map(of).max().unwrap_or(0).max(1);
    let first = SHOWN - read.len();
    let point = |(place, rates): (usize, &Rates)| {
        [&(first + place).to_string(), ",", &(HEIGHT - HEIGHT * of(rates) / highest).to_string()].concat()
    };
    let points: Vec<String> = read.iter().enumerate().map(point).collect();
    [
        "<svg viewBox=\"0 -4 60 108\" preserveAspectRatio=none aria-hidden=true><polyline points=\"",
        &points.join(" "),
        "\"/></svg>",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use vong_session::Millis;

    use super::*;

    fn details(at: u64, frames: u64, bytes: u64, lost: u64) -> Details {
        let waited = Millis(50 * frames);
        Details {
            at: Millis(at),
            frames,
            bytes,
            packets: bytes / 1_000,
            lost,
            waited,
            shown: frames,
            ..Details::default()
        }
    }

    #[test]
    fn rates_are_what_happened_between_two_readings() {
        let (before, now) = (details(1_000, 30, 100_000, 0), details(3_000, 90, 350_000, 50));
        let rates = Rates::between(&before, &now).unwrap();
        assert_eq!((rates.fps, rates.kilobits, rates.loss, rates.buffer), (30, 1_000, 166, 50));
    }

    #[test]
    fn another_connection_begins_anew() {
        assert_eq!(Rates::between(&details(1_000, 30, 100_000, 0), &details(2_000, 1, 500, 0)), None);
    }

    #[test]
    fn a_plot_ends_with_the_last_reading_at_its_right_edge() {
        let rates = |at| Rates::between(&details(0, 0, 0, 0), &details(1_000, at, 1_000, 0)).unwrap();
        let plot = plotted(&[rates(10), rates(20)], |r| r.fps);
        assert!(plot.contains("points=\"58,50 59,0\""), "{plot}");
    }
}
