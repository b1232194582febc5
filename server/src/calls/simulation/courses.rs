//! Courses that people know, each by itself.

use vong_protocol::calls::EndReason;
use vong_protocol::channel::Name;
use vong_session::phone::{Line as At, Outcome, Phone, PhoneEvent, Side};

use super::{PEOPLE, Step, World};

/// People who do as they are told, on a network that works.
fn quiet() -> World {
    let mut world = World::new(20);
    world.run_until(2_000);
    world
}

fn lines(world: &World) -> Vec<At> {
    world.pages.iter().map(|page| page.phone.as_ref().map(Phone::line).unwrap_or_default()).collect()
}

fn name(of: usize) -> Name {
    Name::parse(PEOPLE[of].0).unwrap()
}

#[test]
fn a_call_rings_on_all_pages_of_a_name_and_the_first_that_answers_has_it() {
    let mut world = quiet();
    world.act(Step::Call { who: 0, whom: 1 });
    world.run_until(3_000);
    let rings = At::Ringing(name(0), false);
    assert_eq!(lines(&world), [At::Calling(name(1), true), At::Free, rings.clone(), rings, At::Free]);
    world.act(Step::Accept { who: 3 });
    world.act(Step::Accept { who: 2 });
    world.run_until(4_000);
    let expected = [At::Talking(name(1)), At::Free, At::Free, At::Talking(name(0)), At::Free];
    assert_eq!(lines(&world), expected);
    world.check_agreement();
}

#[test]
fn two_who_call_each_other_at_the_same_time_talk_however_they_spell_each_other() {
    for apart in [0, 5, 19, 20, 21, 39] {
        for (an, cy) in [("an", "cy"), ("AN", "Cy")] {
            let mut world = quiet();
            world.call(0, cy);
            world.run_until(2_000 + apart);
            world.call(4, an);
            world.run_until(4_000);
            let talk = |line: &At| matches!(line, At::Talking(_));
            assert!(
                talk(&lines(&world)[0]) && talk(&lines(&world)[4]),
                "{apart} ms apart: {:?}",
                lines(&world)
            );
        }
    }
}

#[test]
fn a_call_that_is_cancelled_while_it_is_answered_is_over_at_both_ends() {
    for apart in [0, 10, 30, 50, 80] {
        let mut world = quiet();
        world.act(Step::Call { who: 0, whom: 2 });
        world.run_until(3_000);
        world.act(Step::Accept { who: 4 });
        world.run_until(3_000 + apart);
        world.act(Step::HangUp { who: 0 });
        world.run_until(5_000);
        assert_eq!(lines(&world), vec![At::Free; 5], "{apart} ms apart");
    }
}

#[test]
fn a_call_that_nobody_answers_ends_by_itself() {
    let mut world = quiet();
    world.act(Step::Call { who: 0, whom: 1 });
    world.run_until(31_000);
    assert_eq!(lines(&world)[0], At::Calling(name(1), true));
    world.run_until(33_000);
    assert_eq!(lines(&world), vec![At::Free; 5]);
}

#[test]
fn whoever_talks_is_busy_and_hears_of_it() {
    let mut world = quiet();
    world.act(Step::Call { who: 0, whom: 2 });
    world.run_until(3_000);
    world.act(Step::Accept { who: 4 });
    world.run_until(4_000);
    world.act(Step::Call { who: 2, whom: 2 });
    world.run_until(5_000);
    assert_eq!(world.ended[2], Some(Outcome::Ended(EndReason::Busy)));
    assert_eq!(world.missed[4], [name(1)]);
    assert_eq!(lines(&world)[2], At::Free);
    assert_eq!(lines(&world)[4], At::Talking(name(0)));
    world.check_agreement();
}

#[test]
fn a_call_survives_a_server_that_is_killed_at_any_moment() {
    for (moment, (whom, page)) in (0..200).step_by(7).flat_map(|moment| [(moment, (2, 4)), (moment, (1, 3))])
    {
        let mut world = quiet();
        world.act(Step::Call { who: 0, whom });
        world.run_until(3_000);
        world.act(Step::Accept { who: page });
        world.run_until(3_000 + moment);
        world.act(Step::Restart { away: 500 });
        world.run_until(30_000);
        let talks = |who: usize| matches!(lines(&world)[who], At::Talking(_));
        assert!(talks(0) && talks(page), "killed {moment} ms after it was answered: {:?}", lines(&world));
        world.check_agreement();
    }
}

#[test]
fn a_call_that_was_forgotten_here_and_there_does_not_ring_when_a_machine_wakes() {
    let mut world = quiet();
    world.act(Step::Call { who: 0, whom: 2 });
    world.run_until(3_000);
    // The caller's machine sleeps: nothing comes or goes, and no timer runs.
    let asleep = world.pages[0].phone.take();
    world.cut(0, false, true);
    world.pages[0].sockets.clear();
    world.act(Step::Restart { away: 10 });
    world.run_until(3_600_000);
    world.pages[0].phone = asleep;
    world.tell(0, PhoneEvent::Wake);
    world.run_until(3_620_000);
    assert_eq!(lines(&world), vec![At::Free; 5]);
    assert_eq!(world.ended[0], Some(Outcome::Unasked));
    assert!(world.missed[4].is_empty());
}

#[test]
fn a_page_that_lost_the_server_while_it_rang_declines_for_nobody() {
    let mut world = quiet();
    world.act(Step::Call { who: 0, whom: 1 });
    world.run_until(3_000);
    // One of the pages cannot reach the server for longer than it doubts.
    world.act(Step::Cut { who: 3, page_knows: true, server_knows: true });
    while world.now < 20_000 {
        world.run_until(world.now + 50);
        world.act(Step::Cut { who: 3, page_knows: true, server_knows: true });
    }
    assert_eq!(lines(&world)[3], At::Free);
    world.run_until(29_000);
    assert_eq!(lines(&world)[0], At::Calling(name(1), true), "it rings on");
    assert_eq!(lines(&world)[3], At::Ringing(name(0), false), "also where it had been given up");
}

#[test]
fn a_page_that_is_loaded_anew_while_it_talks_goes_on_talking() {
    // Soon, and after the server has forgotten the call; of a name on one page, and on two, one of which stayed silent.
    for (who, (whom, page), after) in
        [(0, (2, 4), 1_000), (4, (2, 4), 1_000), (0, (1, 3), 1_000), (3, (1, 3), 40_000), (0, (1, 3), 40_000)]
    {
        let mut world = quiet();
        world.act(Step::Call { who: 0, whom });
        world.run_until(3_000);
        world.act(Step::Accept { who: page });
        world.run_until(3_000 + after);
        world.act(Step::Kill { who, away: 1_000 });
        world.run_until(world.now + 60_000);
        assert_eq!(lines(&world)[0], At::Talking(name(whom)));
        assert_eq!(lines(&world)[page], At::Talking(name(0)));
        assert!(world.pages[who].talk.as_ref().is_some_and(|talk| (talk.side == Side::Caller) == (who == 0)));
        world.check_agreement();
    }
}
