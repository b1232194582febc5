//! The dictionaries that a connection is made with.

use vong_protocol::Ice;
use web_sys::{RtcBundlePolicy, RtcConfiguration, RtcDataChannel, RtcDataChannelInit, RtcIceTransportPolicy};
use web_sys::{RtcOfferOptions, RtcPeerConnection, RtcSdpType};
use web_sys::{RtcRtpTransceiverDirection, RtcRtpTransceiverInit, RtcSessionDescriptionInit};

use crate::platform::json;

/// The labels of the data channels that every connection has, and their stream ids (RFC 8832), agreed on beforehand so that they
/// need no announcement.
pub(super) const TALK: (&str, u16) = ("vong", 0);
/// See [`TALK`].
pub(super) const FILES: (&str, u16) = ("files", 1);

/// One transport for everything. `setConfiguration` refuses to change anything but the servers and the transport
/// policy, so this is used for making a connection as well as for telling it these later.
pub(super) fn configuration(ice: &Ice) -> RtcConfiguration {
    let configuration = RtcConfiguration::new();
    configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
    configuration.set_ice_servers(&json::to_js(&ice.ice_servers));
    if ice.relay_only {
        configuration.set_ice_transport_policy(RtcIceTransportPolicy::Relay);
    }
    configuration
}

/// Makes one of them.
pub(super) fn data_channel(connection: &RtcPeerConnection, (label, id): (&str, u16)) -> RtcDataChannel {
    let init = RtcDataChannelInit::new();
    init.set_negotiated(true);
    init.set_id(id);
    connection.create_data_channel_with_data_channel_dict(label, &init)
}

pub(super) fn receive_only() -> RtcRtpTransceiverInit {
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(RtcRtpTransceiverDirection::Recvonly);
    init
}

pub(super) fn offer_options(restart: bool) -> RtcOfferOptions {
    let options = RtcOfferOptions::new();
    options.set_ice_restart(restart);
    options
}

pub(super) fn description(kind: RtcSdpType, sdp: &str) -> RtcSessionDescriptionInit {
    let description = RtcSessionDescriptionInit::new(kind);
    description.set_sdp(sdp);
    description
}
