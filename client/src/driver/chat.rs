//! The chat as signals, and what the person does in it.

use leptos::prelude::*;
use vong_protocol::channel::{Name, Reaction, Said, Scene, Unheard};
use vong_session::{Intent, Member, Standing, Talk, bounds};

use crate::platform::storage;

/// The signals of one chat.
#[derive(Clone, Copy)]
pub struct Chat {
    /// What was said, in order; the last [`bounds::PAST`] of it.
    pub said: RwSignal<Vec<Said>>,
    /// Watcher: what one may do.
    pub standing: RwSignal<Standing>,
    /// Watcher: what was not passed on last, and why; until something is said again.
    pub unheard: RwSignal<Option<(String, Unheard)>>,
    /// Watcher: what the broadcaster sends, once that is known.
    pub scene: RwSignal<Option<Scene>>,
    /// Watcher: how many watch; 0 while that is not known.
    pub audience: RwSignal<u32>,
    /// Broadcaster: who takes part, in the order in which they came.
    pub members: RwSignal<Vec<Member>>,
    /// What goes up over the picture now. Told for each, also for one like that before.
    pub reaction: RwSignal<Option<Reaction>>,
    /// The number of what was said last that the person has seen.
    pub read: RwSignal<u32>,
    /// Files that were offered since the person saw the chat last.
    pub offered: RwSignal<usize>,
    /// What the person is called.
    pub name: RwSignal<Option<Name>>,
}

impl Chat {
    pub(super) fn new() -> Self {
        Self {
            said: RwSignal::default(),
            standing: RwSignal::default(),
            unheard: RwSignal::default(),
            scene: RwSignal::default(),
            audience: RwSignal::default(),
            members: RwSignal::default(),
            reaction: RwSignal::default(),
            read: RwSignal::default(),
            offered: RwSignal::default(),
            name: RwSignal::new(storage::name()),
        }
    }

    /// Takes up what the person does, as far as it changes what is shown or kept.
    pub(super) fn intends(&self, intent: &Intent) {
        match intent {
            Intent::Name(name) => {
                storage::keep_name(name.as_ref());
                self.name.set(name.clone());
            }
            Intent::Say(_) => self.unheard.set(None),
            _ => {}
        }
    }

    /// The signals may be gone before the session is.
    pub(super) fn show(&self, talk: Talk) {
        match talk {
            Talk::Begun => {
                let _ = self.said.try_update(Vec::clear);
                let _ = self.read.try_set(0);
            }
            Talk::Said(said) => {
                let _ = self.said.try_update(|list| {
                    if list.len() >= bounds::PAST {
                        list.remove(0);
                    }
                    list.push(said);
                });
            }
            Talk::Unsaid(seq) => {
                let _ = self.said.try_update(|list| list.retain(|said| said.seq != seq));
            }
            Talk::Reacted(reaction) => {
                let _ = self.reaction.try_set(Some(reaction));
            }
            Talk::Scene(scene) => {
                let _ = self.scene.try_set(Some(scene));
            }
            Talk::Audience(count) => {
                let _ = self.audience.try_set(count);
            }
            Talk::Standing(standing) => {
                let _ = self.standing.try_set(standing);
            }
            Talk::Unheard(text, why) => {
                let _ = self.unheard.try_set(Some((text.as_str().to_owned(), why)));
            }
            Talk::Member(member) => {
                let _ = self.members.try_update(|list| {
                    match list.iter_mut().find(|m| m.number == member.number) {
                        Some(known) => *known = member,
                        None => list.push(member),
                    }
                });
            }
            Talk::Gone(number) => {
                let _ = self.members.try_update(|list| list.retain(|member| member.number != number));
            }
        }
    }
}
