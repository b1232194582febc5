//! What the candidates that a browser gathers tell of its network.

use proptest::prelude::*;
use vong_protocol::limits;
use vong_session::bounds;
use vong_session::diagnosis::{Candidate, Gathered, Kind, Nat};

const HOST: &str = "candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host generation 0";
const HIDDEN: &str = "candidate:1 1 udp 2122260223 0e1c.local 50000 typ host";
const LAN: &str = "candidate:5 1 udp 2122194687 10.8.0.2 50100 typ host";

fn reflexive(address: &str, port: u16, base: Option<(&str, u16)>) -> String {
    let (raddr, rport) = base.unwrap_or(("0.0.0.0", 0));
    format!(
        "candidate:2 1 udp 1686052607 {address} {port} typ srflx raddr {raddr} rport {rport} generation 0"
    )
}

fn gathered(lines: &[&str], errors: usize, complete: bool) -> Gathered {
    let mut gathered = Gathered::default();
    gathered.complete = complete;
    for line in lines {
        gathered.candidate(line);
    }
    for _ in 0..errors {
        gathered.error(701);
    }
    gathered
}

/// What it is, the lines, the errors, whether the browser was done, how many destinations were asked, and the kind of NAT.
type Case<'a> = (&'static str, &'a [&'a str], usize, bool, usize, Nat);

#[test]
fn the_kind_of_nat_is_told_from_what_two_destinations_saw() {
    let base = Some(("192.168.1.7", 50000));
    let one = reflexive("203.0.113.5", 50000, base);
    let other = reflexive("203.0.113.5", 61234, base);
    let elsewhere = reflexive("203.0.113.5", 61234, Some(("10.8.0.2", 50100)));
    let (hidden, hidden_other) = (reflexive("203.0.113.5", 1, None), reflexive("203.0.113.5", 2, None));
    let own = reflexive("192.168.1.7", 50000, base);
    let cases: [Case; 15] = [
        ("one mapping", &[HOST, &one], 0, true, 2, Nat::Independent),
        ("two mappings of one base", &[HOST, &one, &other], 0, true, 2, Nat::Symmetric),
        ("before the browser is done", &[HOST, &one, &other], 0, false, 2, Nat::Symmetric),
        ("two interfaces, a mapping each", &[HOST, LAN, &one, &elsewhere], 0, true, 2, Nat::Independent),
        ("hidden base, one mapping", &[HIDDEN, &hidden], 0, true, 2, Nat::Independent),
        ("hidden base, two mappings", &[HIDDEN, &hidden, &hidden_other], 0, true, 2, Nat::Symmetric),
        ("hidden bases, two interfaces", &[HIDDEN, LAN, &hidden, &hidden_other], 0, true, 2, Nat::Unknown),
        ("one destination alone", &[HOST, &one], 0, true, 1, Nat::Unknown),
        ("the second did not answer", &[HOST, &one], 0, false, 2, Nat::Unknown),
        ("seen as it is", &[HOST, &own], 0, true, 2, Nat::Open),
        ("seen as it is, which is not told", &[HOST], 0, true, 2, Nat::Open),
        ("one of two interfaces cannot ask", &[HOST, LAN], 2, true, 2, Nat::Open),
        ("none can", &[HOST, LAN], 4, true, 2, Nat::Blocked),
        ("no answer", &[HOST], 0, false, 2, Nat::Blocked),
        ("no network", &[], 0, true, 2, Nat::Blocked),
    ];
    for (what, lines, errors, complete, destinations, nat) in cases {
        assert_eq!(gathered(lines, errors, complete).nat(destinations), nat, "{what}");
    }
}

#[test]
fn tcp_candidates_say_nothing_of_the_nat() {
    let tcp = "candidate:3 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active";
    assert_eq!(gathered(&[HOST, tcp], 2, true).nat(2), Nat::Blocked);
}

#[test]
fn a_candidate_line_is_read_as_browsers_write_it() {
    let chromium = "candidate:842163049 1 udp 1677729535 203.0.113.5 61000 typ srflx raddr 192.168.1.7 rport 50000 \
         generation 0 ufrag aB3d network-id 1 network-cost 10";
    let base = Some(("192.168.1.7".to_owned(), 50000));
    let candidate = Candidate::parse(chromium).unwrap();
    assert_eq!((candidate.kind, candidate.port, candidate.base), (Kind::ServerReflexive, 61000, base));
    let firefox = "candidate:0 1 UDP 2122252543 fe80::1 49152 typ host";
    assert_eq!(Candidate::parse(firefox).unwrap().address, "fe80::1");
    let relay = "a=candidate:9 1 udp 41885439 198.51.100.2 49160 typ relay raddr 0.0.0.0 rport 0";
    let relay = Candidate::parse(relay).unwrap();
    assert_eq!((relay.kind, relay.base), (Kind::Relay, None));
}

#[test]
fn hostile_candidate_lines_are_none() {
    let long = format!("{HOST} {}", "x".repeat(limits::CANDIDATE));
    for line in [
        "",
        "candidate:",
        "candidate:1 1 udp",
        "candidate:1 1 udp 1 192.0.2.1 x typ host",
        "candidate:1 1 udp 1 192.0.2.1 70000 typ host",
        "candidate:1 1 udp 1 192.0.2.1 -1 typ host",
        "candidate:1 1 udp 1 192.0.2.1 1 host",
        "candidate:1 1 udp 1 192.0.2.1 1 typ",
        "candidate:1 1 udp 1 192.0.2.1 1 typ nonsense",
        "candidate:1 1 sctp 1 192.0.2.1 1 typ host",
        &long,
    ] {
        assert_eq!(Candidate::parse(line), None, "{line}");
    }
    let mut gathered = Gathered::default();
    for _ in 0..10 * bounds::GATHERED {
        gathered.candidate(HOST);
        gathered.error(701);
    }
    assert_eq!(gathered.nat(2), Nat::Blocked, "bounded");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_candidate_line_is_too_much(line in "\\PC{0,1200}", words in "candidate:[ -~]{0,200}") {
        let mut gathered = Gathered::default();
        gathered.candidate(&line);
        gathered.candidate(&words);
        gathered.nat(2);
    }
}
