//! What is done with a connection, one operation after the other.

use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::Reflect;
use vong_protocol::{Attempt, Ice, IceCandidate};
use vong_session::ConnectionEvent;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcIceCandidateInit, RtcSdpType};

use super::{Core, config};
use crate::platform::{Outgoing, json, note};

pub(super) enum Operation {
    CreateOffer { attempt: Attempt, restart: bool },
    SetOffer { attempt: Attempt, ice: Ice },
    ApplyAnswer { attempt: Attempt, sdp: String },
    Accept { attempt: Attempt, sdp: String, ice: Ice },
    AddCandidate(IceCandidate),
    Send(Outgoing),
}

impl Operation {
    /// The negotiation that fails with it.
    pub(super) fn attempt(&self) -> Option<Attempt> {
        match self {
            Self::CreateOffer { attempt, .. }
            | Self::SetOffer { attempt, .. }
            | Self::ApplyAnswer { attempt, .. }
            | Self::Accept { attempt, .. } => Some(*attempt),
            Self::AddCandidate(_) | Self::Send(_) => None,
        }
    }
}

/// Runs until the connection is dropped. It is aborted then: a closed connection's promises may never settle.
pub(super) async fn work(core: Rc<Core>, mut operations: mpsc::Receiver<Operation>) {
    while let Some(operation) = operations.next().await {
        let attempt = operation.attempt();
        if let Err(thrown) = core.perform(operation).await {
            note("negotiation", &thrown);
            if let Some(attempt) = attempt {
                core.report(ConnectionEvent::NegotiationFailed { attempt });
            }
        }
    }
}

impl Core {
    async fn perform(&self, operation: Operation) -> Result<(), JsValue> {
        match operation {
            Operation::CreateOffer { attempt, restart } => self.create_offer(attempt, restart).await,
            Operation::SetOffer { attempt, ice } => self.set_offer(attempt, &ice).await,
            Operation::ApplyAnswer { attempt, sdp } => {
                self.set_remote(RtcSdpType::Answer, &sdp).await?;
                self.report(ConnectionEvent::AnswerApplied { attempt });
                Ok(())
            }
            Operation::Accept { attempt, sdp, ice } => {
                self.connection.set_configuration_with_configuration(&config::configuration(&ice))?;
                self.set_remote(RtcSdpType::Offer, &sdp).await?;
                if let Some(senders) = &self.senders {
                    senders.attach(&self.connection).await?;
                }
                let sdp = sdp_of(&JsFuture::from(self.connection.create_answer()).await?)?;
                self.set_local(attempt, RtcSdpType::Answer, &sdp).await?;
                self.report(ConnectionEvent::AnswerCreated { attempt, sdp });
                // Nothing is encoded before the other side has the answer.
                if let Some(senders) = &self.senders {
                    senders.shape().await;
                }
                Ok(())
            }
            Operation::AddCandidate(candidate) => self.add_candidate(&candidate).await,
            Operation::Send(outgoing) => match &self.senders {
                Some(senders) => senders.replace(outgoing).await,
                None => Ok(()),
            },
        }
    }

    async fn create_offer(&self, attempt: Attempt, restart: bool) -> Result<(), JsValue> {
        let options = config::offer_options(restart);
        let promise = self.connection.create_offer_with_rtc_offer_options(&options);
        let sdp = sdp_of(&JsFuture::from(promise).await?)?;
        self.offer.replace(Some((attempt, sdp.clone())));
        self.report(ConnectionEvent::OfferCreated { attempt, sdp });
        Ok(())
    }

    async fn set_offer(&self, attempt: Attempt, ice: &Ice) -> Result<(), JsValue> {
        match self.offer.take() {
            Some((created, sdp)) if created == attempt => {
                self.connection.set_configuration_with_configuration(&config::configuration(ice))?;
                self.set_local(attempt, RtcSdpType::Offer, &sdp).await
            }
            other => {
                self.offer.replace(other);
                Err("no such offer was created".into())
            }
        }
    }

    /// Candidates of the new generation may come before the promise resolves, so they are given its number before it
    /// is asked for. One of the older generation that then carries the new number is refused by its user name fragment.
    async fn set_local(&self, attempt: Attempt, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        self.gathering.set(Some(attempt));
        let description = config::description(kind, sdp);
        JsFuture::from(self.connection.set_local_description(description.unchecked_ref())).await.map(drop)
    }

    async fn set_remote(&self, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        let description = config::description(kind, sdp);
        JsFuture::from(self.connection.set_remote_description(description.unchecked_ref())).await.map(drop)
    }

    /// One that is refused is one path less, not a failure.
    async fn add_candidate(&self, candidate: &IceCandidate) -> Result<(), JsValue> {
        let init: RtcIceCandidateInit = json::to_js(candidate).unchecked_into();
        JsFuture::from(self.connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&init)))
            .await
            .map(drop)
    }
}

fn sdp_of(description: &JsValue) -> Result<String, JsValue> {
    Reflect::get(description, &"sdp".into())?.as_string().ok_or_else(|| "no sdp".into())
}
