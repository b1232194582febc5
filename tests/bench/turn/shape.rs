//! What is offered to both servers: how many allocations, and which packets when.

use std::time::Duration;

/// Bytes of a packet of video, of which browsers make many for each picture.
pub(super) const VIDEO: usize = 1200;
/// Bytes of a packet of sound.
pub(super) const SOUND: usize = 160;
/// Packets of one picture.
const PICTURE: u32 = 3;

/// Who is at the other end of an allocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Peers {
    /// A socket of its own, elsewhere.
    Elsewhere,
    /// Another allocation of the same server: relay to relay.
    Relays,
}

/// How packets of one sender follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rhythm {
    /// Three of video at once, as browsers send a picture, and one of sound on its own.
    Pictures,
    /// Each on its own, three of video and then one of sound.
    Even,
}

/// One load. Offered to both servers alike, packet by packet.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Its name on the command line.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) allocations: u32,
    /// Packets a second in each direction of one allocation. None of a load that only allocates.
    pub(super) rate: u32,
    pub(super) rhythm: Rhythm,
    pub(super) peers: Peers,
}

/// The one that the bound is on.
pub(super) const MEDIA: &str = "media";

pub(super) const SHAPES: [Shape; 5] = [
    Shape {
        name: MEDIA,
        what: "50 allocations, 100 packets/s each way",
        allocations: 50,
        rate: 100,
        rhythm: Rhythm::Pictures,
        peers: Peers::Elsewhere,
    },
    Shape {
        name: "even",
        what: "the same, every packet on its own",
        allocations: 50,
        rate: 100,
        rhythm: Rhythm::Even,
        peers: Peers::Elsewhere,
    },
    Shape {
        name: "one",
        what: "1 allocation, 4000 packets/s each way",
        allocations: 1,
        rate: 4000,
        rhythm: Rhythm::Pictures,
        peers: Peers::Elsewhere,
    },
    Shape {
        name: "many",
        what: "500 allocations, 20 packets/s each way",
        allocations: 500,
        rate: 20,
        rhythm: Rhythm::Pictures,
        peers: Peers::Elsewhere,
    },
    Shape {
        name: "relays",
        what: "50 allocations, 100 packets/s from each to another, relay to relay",
        allocations: 50,
        rate: 100,
        rhythm: Rhythm::Pictures,
        peers: Peers::Relays,
    },
];

/// The load that memory is measured with: allocations that carry nothing.
pub(super) const SEATS: [Shape; 2] = [
    Shape {
        name: "seats",
        what: "",
        allocations: 2000,
        rate: 0,
        rhythm: Rhythm::Even,
        peers: Peers::Elsewhere,
    },
    Shape {
        name: "relayed-seats",
        what: "",
        allocations: 2000,
        rate: 0,
        rhythm: Rhythm::Even,
        peers: Peers::Relays,
    },
];

pub(super) fn named(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().chain(&SEATS).find(|shape| shape.name == name)
}

/// One packet of every period.
#[derive(Clone, Copy)]
pub(super) struct Due {
    /// After the period's begin.
    pub(super) at: Duration,
    /// The allocation, by number.
    pub(super) number: u32,
    /// From the client to the peer, or the other way.
    pub(super) to_peer: bool,
    /// Bytes.
    pub(super) size: usize,
}

impl Shape {
    /// After which the same packets are due again.
    pub(super) fn period(&self) -> Duration {
        Duration::from_secs(u64::from(PICTURE) + 1) / self.rate.max(1)
    }

    /// The packets of one period, in order. Senders know nothing of each other: each begins at a time of its own.
    pub(super) fn packets(&self) -> Vec<Due> {
        if self.rate == 0 {
            return Vec::new();
        }
        let (period, directions) = (self.period(), if self.peers == Peers::Relays { 1 } else { 2 });
        let mut packets = Vec::new();
        for number in 0..self.allocations {
            for direction in 0..directions {
                let begin = phase(number * 2 + direction);
                for packet in 0..=PICTURE {
                    let steps = match self.rhythm {
                        Rhythm::Even => f64::from(packet) / f64::from(PICTURE + 1),
                        Rhythm::Pictures if packet < PICTURE => 0.0,
                        Rhythm::Pictures => 0.5,
                    };
                    packets.push(Due {
                        at: period.mul_f64((begin + steps).fract()),
                        number,
                        to_peer: direction == 0,
                        size: if packet < PICTURE { VIDEO } else { SOUND },
                    });
                }
            }
        }
        packets.sort_by_key(|due| due.at);
        packets
    }
}

/// A part of the period that looks chosen by chance, but is the same in every run: multiples of the golden ratio, mixed.
fn phase(sender: u32) -> f64 {
    let mixed = sender.wrapping_add(1).wrapping_mul(0x9e37_79b9);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b);
    f64::from(mixed ^ (mixed >> 13)) / 2f64.powi(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_every_packet_of_its_senders() {
        for shape in SHAPES {
            let packets = shape.packets();
            let directions = if shape.peers == Peers::Relays { 1 } else { 2 };
            assert_eq!(
                packets.len(),
                usize::try_from(shape.allocations * directions * (PICTURE + 1)).unwrap()
            );
            assert!(
                packets.is_sorted_by_key(|due| due.at) && packets.iter().all(|due| due.at < shape.period())
            );
        }
    }
}
