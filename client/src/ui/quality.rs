//! What the person wants of the picture that they send, and what of it there is room for.

use leptos::{ev::Event, prelude::*};
use vong_session::budget::{Content, Level, Scarce};

use super::{later::fill_later, text::t};
use crate::{
    driver::{Casting, Thrift},
    platform::{Quality, codecs},
};

/// What may be chosen; whatever else may stand in storage is kept until something is chosen.
const SHORTS: [u32; 6] = [2_160, 1_440, 1_080, 720, 480, 360];
const FPS: [u32; 5] = [60, 30, 24, 15, 5];
const KILOBITS: [u32; 7] = [8_000, 4_000, 2_500, 1_500, 800, 400, 200];

/// The fields, in the menu of devices. Each holds at once.
#[component]
pub(super) fn QualityChoice(casting: Casting) -> impl IntoView {
    let change = move |change: &dyn Fn(&mut Quality)| {
        let mut quality = casting.quality.get_untracked();
        change(&mut quality);
        casting.want(quality);
    };
    let numbers = |all: &[u32], unit: &str| -> Vec<(String, String)> {
        all.iter().map(|number| (number.to_string(), [&number.to_string(), unit].concat())).collect()
    };
    let contents = [("motion", t().content_motion()), ("detail", t().content_detail())];
    let contents = contents.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    let codec = NodeRef::new();
    // To find out what there is takes a connection.
    fill_later(codec, move || {
        let codecs: Vec<_> = codecs().into_iter().map(|codec| (codec.clone(), codec)).collect();
        let choose = move |value: String| {
            change(&|q| q.codec = Some(value.clone()).filter(|codec| !codec.is_empty()));
        };
        (!codecs.is_empty()).then(|| {
            view! {
                <Pick
                    id="codec"
                    label=t().codec()
                    options=codecs
                    chosen=move || casting.quality.with(|q| q.codec.clone())
                    choose
                />
            }
        })
    });
    let content_name = |content| match content {
        Content::Motion => "motion".to_owned(),
        Content::Detail => "detail".to_owned(),
    };
    let text = |number: Option<u32>| number.map(|number| number.to_string());
    let number = |value: String| value.parse().ok();
    view! {
        <details id="quality">
            <summary>{t().quality()}</summary>
            <div class="fields">
                <Pick
                    id="resolution"
                    label=t().resolution()
                    options=numbers(&SHORTS, "p")
                    chosen=move || text(casting.quality.with(|q| q.short))
                    choose=move |value| change(&|q| q.short = number(value.clone()))
                />
                <Pick
                    id="frame-rate"
                    label=t().stat_fps()
                    options=numbers(&FPS, "")
                    chosen=move || text(casting.quality.with(|q| q.fps))
                    choose=move |value| change(&|q| q.fps = number(value.clone()))
                />
                <Pick
                    id="content"
                    label=t().content()
                    options=contents
                    chosen=move || casting.quality.with(|q| q.content.map(content_name))
                    choose=move |value| {
                        change(&|q| {
                            q.content = match value.as_str() {
                                "motion" => Some(Content::Motion),
                                "detail" => Some(Content::Detail),
                                _ => None,
                            };
                        });
                    }
                />
                <div class="whole" node_ref=codec></div>
                <Pick
                    id="bitrate"
                    label=t().bitrate_each()
                    options=numbers(&KILOBITS, " kbit/s")
                    chosen=move || text(casting.quality.with(|q| q.kilobits))
                    choose=move |value| change(&|q| q.kilobits = number(value.clone()))
                />
            </div>
        </details>
    }
}

/// One of a few, or automatic.
#[component]
fn Pick(
    id: &'static str,
    label: &'static str,
    /// Values, and how they are shown.
    options: Vec<(String, String)>,
    chosen: impl Fn() -> Option<String> + Copy + Send + 'static,
    choose: impl Fn(String) + Copy + Send + 'static,
) -> impl IntoView {
    let option = move |(value, shown): (String, String)| {
        let own = value.clone();
        view! {
            <option value=value selected=move || chosen().unwrap_or_default() == own>
                {shown}
            </option>
        }
    };
    let automatic = (String::new(), t().automatic().to_owned());
    let options = std::iter::once(automatic).chain(options).map(option).collect_view();
    view! {
        <label class="choice">
            <span>{label}</span>
            <select id=id on:change=move |event: Event| choose(event_target_value(&event))>
                {options}
            </select>
        </label>
    }
}

/// Why watchers get less than there is, or others are not let in.
#[component]
pub(super) fn Thrifty(casting: Casting) -> impl IntoView {
    let thrift = casting.thrift;
    let lowered = move || match thrift.get().lowered {
        Some((Scarce::Computer, level)) => t().thrift_computer(&figures(level)),
        Some((Scarce::Line, level)) => t().thrift_line(&figures(level)),
        None => String::new(),
    };
    let full = move || match thrift.get().full {
        Some(Scarce::Computer) => t().full_computer(),
        Some(Scarce::Line) => t().full_line(),
        None => "",
    };
    view! {
        <div id="thrift" class="note" class:silent=move || thrift.get() == Thrift::default() role="status">
            <span>{move || [&lowered(), " ", full()].concat()}</span>
        </div>
    }
}

fn figures(level: Level) -> String {
    let short = level.short.map(|short| [&short.to_string(), "p"].concat());
    let fps = level.fps.map(|fps| [&fps.to_string(), " fps"].concat());
    short.into_iter().chain(fps).collect::<Vec<_>>().join(", ")
}
