//! Where one message ends and the next begins: `ChannelData`, and STUN messages over a stream (RFC 8656 section 12.5).

use crate::bounds;

/// Bytes before the data of `ChannelData`.
pub(crate) const CHANNEL_HEADER: usize = 4;
/// Bytes before the attributes of a STUN message.
const STUN_HEADER: usize = 20;

/// One message at the beginning of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framed {
    /// Bytes of the message.
    pub(crate) message: usize,
    /// Bytes of the message and its padding.
    pub(crate) whole: usize,
}

/// It is neither STUN nor `ChannelData`, or longer than it may be: where the next message begins is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unframed;

/// Whether a stream that begins with this byte speaks TURN rather than HTTP or TLS. `ChannelData` cannot come first.
pub fn is_stun(first: u8) -> bool {
    first < 4
}

/// The next message; `None` while it is not complete.
pub(crate) fn next(read: &[u8]) -> Result<Option<Framed>, Unframed> {
    let &[first, _, high, low, ..] = read else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (message, whole) = match first {
        0..=0x3f => (STUN_HEADER + length, STUN_HEADER + length),
        0x40..=0x7f => (CHANNEL_HEADER + length, CHANNEL_HEADER + length.next_multiple_of(4)),
        _ => return Err(Unframed),
    };
    if whole > bounds::STREAM_MESSAGE {
        return Err(Unframed);
    }
    Ok((read.len() >= whole).then_some(Framed { message, whole }))
}

/// What comes before the data of `ChannelData`. Over a stream, padding to a multiple of four comes behind it.
pub(crate) fn channel_header(number: u16, length: usize) -> [u8; CHANNEL_HEADER] {
    let [a, b] = number.to_be_bytes();
    // A datagram is never longer.
    let [c, d] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_is_known_as_soon_as_it_is_complete() {
        let mut stun = vec![0, 1, 0, 4];
        stun.resize(24, 0);
        assert_eq!(next(&stun[..3]), Ok(None));
        assert_eq!(next(&stun[..23]), Ok(None));
        assert_eq!(next(&stun), Ok(Some(Framed { message: 24, whole: 24 })));
        let mut channel = channel_header(0x4001, 5).to_vec();
        channel.extend_from_slice(b"hello\0\0\0");
        assert_eq!(next(&channel[..11]), Ok(None));
        assert_eq!(next(&channel), Ok(Some(Framed { message: 9, whole: 12 })));
    }

    #[test]
    fn what_is_neither_or_too_long_ends_the_stream() {
        assert_eq!(next(&[0x80, 0, 0, 0]), Err(Unframed));
        assert_eq!(next(&[0, 1, 0xff, 0xff]), Err(Unframed));
        assert_eq!(next(&[0x40, 1, 0xff, 0xff]), Err(Unframed));
        assert!(!is_stun(b'G') && !is_stun(0x16) && is_stun(0));
    }

    proptest! {
        #[test]
        fn any_bytes_are_framed_without_reading_past_them(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(Some(Framed { message, whole })) = next(&bytes) {
                prop_assert!(message <= whole && whole <= bytes.len() && message >= CHANNEL_HEADER);
            }
        }
    }
}
