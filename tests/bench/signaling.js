// The exchange of docs/protocol.md for plain pages, and nothing for bad days.

/** Joins the room of this page's address and hands what comes to the receiver of its type. Returns what sends. */
function signaling(role, receivers) {
  const query = new URLSearchParams(location.search);
  const socket = new WebSocket(query.get("signal"));
  const send = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => send({ type: "join", version: 1, room: query.get("room"), role });
  // One message after the other, each when the one before is done with.
  let done = Promise.resolve();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "ping") send({ type: "pong" });
    done = done.then(() => receivers[message.type]?.(message));
  };
  return send;
}
