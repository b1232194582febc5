//! The bounds of one message. The server refuses what exceeds them; the page never produces it.

/// Bytes of one client message. Above an SDP of [`SDP`] with its JSON escapes, below anything worth flooding with.
pub const CLIENT_MESSAGE: usize = 64 * 1024;
/// Bytes of one session description. Browsers produce 5 to 15 KB for what Vọng negotiates.
pub const SDP: usize = 32 * 1024;
/// Bytes of one ICE candidate line (RFC 8839 section 5.1). Browsers produce about 150.
pub const CANDIDATE: usize = 1024;
/// Bytes of a candidate's media id and user name fragment, each.
pub const CANDIDATE_FIELD: usize = 256;
/// Characters of a room id.
pub const ROOM_ID: usize = 64;
/// Characters of a peer id, exactly; and of the id of a run of the chat.
pub const PEER_ID: usize = 16;
/// Characters of a session token or broadcaster key, exactly: 128 random bits in unpadded base64url.
pub const SECRET: usize = 22;
/// Characters of a room's password.
pub const PASSWORD: usize = 64;
/// Bytes of one message about calls from a page. Above [`NAME`] with the longest escapes that JSON has, twice.
pub const CALL_MESSAGE: usize = 2 * 1024;
/// Names that one question for them is answered with.
pub const FOUND: usize = 20;

/// Bytes of one message between two browsers. Above [`TEXT`] with the longest escapes that JSON has.
pub const CHANNEL_MESSAGE: usize = 8 * 1024;
/// Characters of what somebody is called.
pub const NAME: usize = 32;
/// Characters of what somebody says at once.
pub const TEXT: usize = 500;
/// Lines of what somebody says.
pub const LINES: usize = 12;

/// Bytes of one file. Above what anybody sends, below what a number in JavaScript loses.
pub const FILE: u64 = 1 << 40;
/// Characters of what a file is called.
pub const FILE_NAME: usize = 128;
/// Characters of a file's media type.
pub const MEDIA_TYPE: usize = 128;
/// Bytes of one message about a file. Above [`FILE_NAME`] with the longest escapes that JSON has.
pub const FILE_MESSAGE: usize = 4 * 1024;
/// Bytes of a block of a file; the last one has as many as are left.
pub const BLOCK: u64 = 4 << 20;
/// Bytes of one message with a part of a block, at most. What every browser takes (RFC 8831 section 6.6).
pub const PIECE: usize = 64 * 1024;
