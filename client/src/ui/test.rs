//! The test page: the steps, one's own picture beside what came back, the verdict, and a report for whoever helps.

use leptos::{html, prelude::*};
use vong_session::diagnosis::{Diagnosis, State, Step};
use vong_session::{Phase, Status};

use super::{
    copy::Copy,
    frame::{Brand, Frame},
    icon::Icon,
    language::ChooseLanguage,
    text::{self, t},
};
use crate::{
    driver::Testing,
    platform::{Stream, page, video},
};

/// Runs the test at once.
#[component]
pub fn Test() -> impl IntoView {
    page::set_title(&t().room_title(t().test()));
    let testing = Testing::start();
    let diagnosis = testing.diagnosis;
    let verdict = Signal::derive(move || diagnosis.with(Diagnosis::verdict));
    let status = Signal::derive(move || {
        let phase = if verdict.get().is_some() { Phase::Ended } else { Phase::Connecting };
        Status { phase, ..Status::default() }
    });
    let said = move || match verdict.get() {
        Some(verdict) => text::verdict(verdict),
        None => text::progress(diagnosis.with(|d| {
            // Those of the servers run at once; the last is what one waits for.
            Step::ALL.iter().rposition(|step| d.state(*step) == State::Running).unwrap_or(0)
        })),
    };
    let copied = RwSignal::new(None);
    let report = move || {
        diagnosis.track();
        testing.report()
    };
    view! {
        <Frame class="cast" status diagnosis=verdict>
            <header class="bar">
                <Brand />
                <h1 class="room-name">{t().test()}</h1>
            </header>
            <div class="pictures">
                <Picture id="preview" label=t().preview() caption=t().goes_out() controls=false stream=testing.preview />
                <Picture
                    id="echo"
                    label=t().comes_back()
                    caption=t().comes_back()
                    controls=true
                    stream=testing.echo
                />
                <meter
                    max="100"
                    aria-label=t().level()
                    hidden=move || testing.level.get().is_none()
                    prop:value=move || testing.level.get().unwrap_or(0)
                ></meter>
                <p id="figures" class="hint">
                    {move || testing.figures.get().as_ref().map(text::figures)}
                </p>
            </div>
            <section class="panel">
                <div class="said" role="status">
                    <h2>{move || said().title}</h2>
                    <p class="detail">{move || said().detail}</p>
                </div>
                <ol class="steps">{Step::ALL.map(|step| view! { <StepLine testing step /> })}</ol>
                <div class="actions">
                    <button id="again" class="button" on:click=move |_| testing.again()>
                        {t().again()}
                    </button>
                    <Copy id="copy-report" label=t().copy_report() copied what=move || testing.report() />
                </div>
                <details>
                    <summary>{t().report()}</summary>
                    <pre id="report">{report}</pre>
                </details>
                <ChooseLanguage />
                <p class="hint" role="status">
                    {move || if copied.get() == Some(false) { t().report_copy_failed() } else { "" }}
                </p>
            </section>
        </Frame>
    }
}

/// One step, what it found, and what to do about it.
#[component]
fn StepLine(testing: Testing, step: Step) -> impl IntoView {
    let state = move || testing.diagnosis.with(|diagnosis| diagnosis.state(step));
    let said = move || {
        let finding = testing.diagnosis.with(|diagnosis| diagnosis.finding(step));
        testing.devices.with(|devices| text::finding(step, finding, devices))
    };
    let shapes = move || match state() {
        State::Waiting => icondata_lu::LuCircle.data,
        State::Running => icondata_lu::LuLoader.data,
        State::Passed => icondata_lu::LuCheck.data,
        State::Failed => icondata_lu::LuX.data,
        State::Skipped => icondata_lu::LuMinus.data,
    };
    view! {
        <li data-step=step.name() data-result=move || state().name()>
            <Icon data=shapes />
            <div>
                <strong>{text::step(step)}</strong>
                <p>{move || said().title}</p>
                <p>{move || said().detail}</p>
            </div>
        </li>
    }
}

/// A picture, silent unless its controls turn the sound on: it would come out of the speakers into the microphone.
#[component]
fn Picture(
    id: &'static str,
    label: &'static str,
    caption: &'static str,
    controls: bool,
    stream: RwSignal<Option<Stream>, LocalStorage>,
) -> impl IntoView {
    let element = NodeRef::<html::Video>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            stream.with(|stream| video::preview(&element, stream.as_ref()));
        }
    });
    // Without anything to play they would only be in the way.
    let has_controls = move || controls && stream.with(Option::is_some);
    view! {
        <figure>
            <video id=id node_ref=element prop:muted=true controls=has_controls playsinline aria-label=label></video>
            <figcaption>{caption}</figcaption>
        </figure>
    }
}
