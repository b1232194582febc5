//! The chat: what was said, and where one says something.

mod line;
mod links;

use leptos::ev::SubmitEvent;
use leptos::{html, prelude::*};
use vong_protocol::channel::{Name, Text, Unheard};
use vong_protocol::limits;
use vong_session::{Intent, Standing};

use super::{icon::Icon, text::t};
use crate::{
    driver::Chat,
    platform::{
        dom::{self, Made},
        page,
        part::{self, Word},
        storage,
    },
};
pub(super) use line::called;
use line::line;

/// The fields of the form.
const NAME: &str = "#name";
const SAY: &str = "#say";

/// What was said, one's name, and what one says.
#[component]
pub(super) fn ChatPanel<I>(
    chat: Chat,
    /// What the person does.
    intends: I,
    /// What one may do; a broadcaster may always speak.
    #[prop(into)]
    standing: Signal<Standing>,
    /// For the broadcaster.
    moderates: bool,
    /// There will be no more of it.
    #[prop(into)]
    over: Signal<bool>,
) -> impl IntoView
where
    I: Fn(Intent) + Copy + Send + Sync + 'static,
{
    let list = NodeRef::<html::Div>::new();
    let form = NodeRef::<html::Form>::new();
    let you = Signal::derive(move || standing.get().you);
    // Whoever reads what is further up is left there.
    let follows = StoredValue::new(true);
    let scrolled = move |_| {
        if let Some(list) = list.get_untracked() {
            follows.set_value(page::is_at_end(&list));
        }
    };
    let lines = NodeRef::<html::Ol>::new();
    let shown = StoredValue::new_local(Vec::<(u32, Option<Made>)>::new());
    Effect::new(move |_| {
        let (Some(list), Some(lines)) = (list.get(), lines.get()) else { return };
        chat.said.with(|said| {
            shown.update_value(|shown| {
                shown.retain(|(seq, line)| {
                    let stays = said.iter().any(|said| said.seq == *seq);
                    if let Some(line) = line.as_ref().filter(|_| !stays) {
                        line.remove();
                    }
                    stays
                });
                let newest = shown.last().map_or(0, |(seq, _)| *seq);
                for said in said.iter().filter(|said| said.seq > newest) {
                    let line = line(said, you.get_untracked(), moderates);
                    if let Some(line) = &line {
                        line.append_to(&lines);
                    }
                    shown.push((said.seq, line));
                }
            });
        });
        if follows.get_value() {
            request_animation_frame(move || page::scroll_to_end(&list));
        }
    });
    let files_failed = RwSignal::new(false);
    let open_files = move |word| {
        files_failed.set(false);
        part::load(move || {
            let _ = files_failed.try_set(true);
        });
        part::tell(word);
    };
    StoredValue::new_local(part::take_drops(move |picked| open_files(Word::Dropped(picked))));
    let news = move || {
        let _ = chat.offered.try_update(|count| *count += 1);
    };
    StoredValue::new_local(part::on_news(news));
    let form_pressed = move |click| {
        if dom::pressed(&click, "#files-button", "id").is_some() {
            open_files(Word::Opened);
        }
    };
    let pressed = move |click| {
        if let Some(seq) = dom::pressed(&click, ".unsay", "data-seq").and_then(|seq| seq.parse().ok()) {
            intends(Intent::Unsay(seq));
        }
    };
    let field = move |id| form.get_untracked().and_then(|form| dom::field(&form, id));
    // What was not passed on may be said again.
    Effect::new(move |_| {
        if let (Some((text, _)), Some(field)) = (chat.unheard.get(), field(SAY))
            && field.value().is_empty()
        {
            field.set_value(&text);
        }
    });
    Effect::new(move |_| {
        form.track();
        if let Some(field) = field(NAME) {
            chat.name.with_untracked(|name| field.set_value(name.as_ref().map_or("", Name::as_str)));
        }
    });
    Effect::new(move |_| {
        form.track();
        let cannot = standing.with(|s| s.muted || s.full || s.you.is_none());
        if let Some(field) = field(SAY) {
            field.set_disabled(cannot);
        }
    });
    let say = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(field) = field(SAY) else { return };
        if let Ok(text) = Text::parse(&field.value()) {
            field.set_value("");
            intends(Intent::Say(text));
        }
    };
    let take_name = move |_| {
        if let Some(field) = field(NAME) {
            let name = Name::parse(&field.value()).ok();
            field.set_value(name.as_ref().map_or("", Name::as_str));
            if chat.name.with_untracked(|known| *known != name) {
                intends(Intent::Name(name));
            }
        }
    };
    let hint = move || match (chat.unheard.get(), standing.get()) {
        _ if files_failed.get() => t().files_failed(),
        _ if over.get() => "",
        (_, Standing { you: None, .. }) => t().chat_closed(),
        (_, Standing { muted: true, .. }) | (Some((_, Unheard::Muted)), _) => t().chat_muted(),
        (_, Standing { open: false, .. }) => t().chat_waits(),
        (Some((_, Unheard::TooFast)), _) => t().chat_too_fast(),
        _ => "",
    };
    view! {
        <section id="chat" class="chat" aria-label=t().chat()>
            <div node_ref=list class="said-list" role="log" tabindex="0" on:scroll=scrolled on:click=pressed>
                <ol id="said" node_ref=lines></ol>
            </div>
            <p class="hint" hidden=move || chat.said.with(|said| !said.is_empty())>
                {t().chat_empty()}
            </p>
            // Filled by a program of its own.
            <section id="files" hidden aria-label=t().files() data-host=moderates.then_some("")></section>
            <form
                node_ref=form
                class="say"
                on:submit=say
                on:change=take_name
                on:click=form_pressed
                inner_html=fields()
            ></form>
            <p id="chat-hint" class="hint" role="status">
                {hint}
            </p>
        </section>
    }
}

/// The fields. As a view they would be several times as much to download. Nothing in here was typed by anybody.
fn fields() -> String {
    let (name, text) = (limits::NAME.to_string(), limits::TEXT.to_string());
    let field = |id: &str, label: &str, longest: &str, rest: &str| {
        [
            "<input id=",
            id,
            " aria-label=\"",
            label,
            "\" placeholder=\"",
            label,
            "\" maxlength=",
            longest,
            rest,
            ">",
        ]
        .concat()
    };
    [
        &field("name", t().your_name(), &name, " autocomplete=nickname"),
        "<div class=row>",
        &field("say", t().say(), &text, " autocomplete=off enterkeyhint=send"),
        "<button id=files-button type=button class=button aria-label=\"",
        t().files(),
        "\" title=\"",
        t().files(),
        "\"><svg class=icon viewBox=\"0 0 24 24\" aria-hidden=true>",
        icondata_lu::LuPaperclip.data,
        "</svg></button><button id=send class=button>",
        t().send(),
        "</button></div>",
    ]
    .concat()
}

/// Shows the chat or hides it, now and the next time.
pub(super) fn toggle(chatting: RwSignal<bool>) {
    chatting.update(|chatting| *chatting = !*chatting);
    storage::show_chat(chatting.get_untracked());
}

/// Shows the chat and hides it; says how much was said that one has not seen.
#[component]
pub(super) fn ChatButton(chat: Chat, chatting: RwSignal<bool>) -> impl IntoView {
    Effect::new(move |_| {
        let last = chat.said.with(|said| said.last().map(|said| said.seq));
        if let Some(last) = last.filter(|_| chatting.get()) {
            chat.read.set(last);
        }
    });
    Effect::new(move |_| {
        if chat.offered.get() > 0 && chatting.get() {
            chat.offered.set(0);
        }
    });
    let unread = move || {
        let said = chat.said.with(|said| said.iter().filter(|said| said.seq > chat.read.get()).count());
        said + chat.offered.get()
    };
    view! {
        <button
            id="chat-button"
            class="button round"
            aria-label=t().chat()
            title=t().chat()
            aria-expanded=move || if chatting.get() { "true" } else { "false" }
            aria-controls="chat"
            on:click=move |_| toggle(chatting)
        >
            <Icon data=icondata_lu::LuMessageSquare.data />
            <span class="unread" hidden=move || unread() == 0>
                {move || t().unread(&unread().to_string())}
            </span>
        </button>
    }
}
