//! Where allocations and streams end: at a bound, with a client, after a mistake.

use tokio::net::UdpSocket;
use tokio::time::timeout;
use turn_types::AddressFamily;

use super::remote::{PATIENCE, Remote};
use super::server::{Server, loopback};
use crate::core::Settings;

#[tokio::test]
async fn a_flood_of_allocations_stops_at_the_bound_and_leaves_room_for_others() {
    let server = Server::start("127.0.0.1", Settings { allocations_per_address: 1000, ..loopback() }).await;
    let mut flood = Vec::new();
    let mut refused = 0;
    for n in 0..60 {
        let mut remote = Remote::connect(&server, "flood", n % 2 == 0).await;
        match remote.allocate(AddressFamily::IPV4).await {
            Ok(_) => flood.push(remote),
            Err(code) => {
                assert_eq!(code, 486);
                refused += 1;
            }
        }
    }
    assert_eq!((flood.len(), refused), (20, 40), "as many as the credential is for");
    let mut anna = Remote::allocated(&server, "anna", false).await;
    assert!(anna.permit(anna.relayed()).await.is_ok());
    assert_eq!(server.turn.allocations(), 21);
}

#[tokio::test]
async fn an_allocation_over_a_stream_ends_with_the_stream() {
    let server = Server::start("127.0.0.1", loopback()).await;
    let anna = Remote::allocated(&server, "anna", true).await;
    let relayed = anna.relayed();
    assert_eq!(server.turn.allocations(), 1);
    drop(anna);
    timeout(PATIENCE, async {
        while server.turn.allocations() > 0 || UdpSocket::bind(relayed).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the relay is closed");
}

#[tokio::test]
async fn a_stream_that_carries_something_else_is_closed_and_the_others_go_on() {
    let server = Server::start("127.0.0.1", loopback()).await;
    let mut anna = Remote::allocated(&server, "anna", true).await;
    let mut bert = Remote::allocated(&server, "bert", true).await;
    bert.send(&[0xff; 64]).await;
    assert_eq!(bert.hear().await, None);
    assert!(anna.permit(anna.relayed()).await.is_ok());
    assert_eq!(server.turn.allocations(), 1);
}
