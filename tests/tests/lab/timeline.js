// Notes what happens to a page's connections, and when, for whoever has to find out why a picture stood still.
() => {
  const LINES = 400;
  let lines = [];
  let begin = 0;
  const note = (what) => {
    if (lines.length < LINES) lines.push(`${Math.round(performance.now() - begin)} ${what}`);
  };
  const end = (candidate) => candidate && `${candidate.type} ${candidate.address}:${candidate.port} ${candidate.protocol}`;

  let connections = 0;
  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(...args) {
      super(...args);
      const name = `connection ${++connections}`;
      note(`${name} made`);
      this.addEventListener("connectionstatechange", () => note(`${name} ${this.connectionState}`));
      this.addEventListener("iceconnectionstatechange", () => note(`${name} ICE ${this.iceConnectionState}`));
      this.addEventListener("signalingstatechange", () => {
        note(`${name} signaling ${this.signalingState}`);
        const transport = this.getTransceivers().map((t) => t.receiver.transport?.iceTransport).find(Boolean);
        if (!transport || transport.noted) return;
        transport.noted = true;
        transport.addEventListener("selectedcandidatepairchange", () => {
          const pair = transport.getSelectedCandidatePair();
          note(`${name} pair ${end(pair?.local)} – ${end(pair?.remote)}`);
        });
      });
      this.addEventListener("icecandidate", (event) => note(`${name} found ${end(event.candidate) ?? "all"}`));
    }
    close() {
      note("a connection is closed");
      super.close();
    }
  };

  let sockets = 0;
  let opened = Infinity;
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      const name = `socket ${++sockets}`;
      note(`${name} made`);
      this.addEventListener("open", () => {
        note(`${name} open`);
        opened = performance.now();
      });
      this.addEventListener("close", (event) => note(`${name} closed ${event.code}`));
      this.addEventListener("error", () => note(`${name} error`));
      this.addEventListener("message", (event) => note(`${name} < ${String(event.data).slice(0, 60)}`));
    }
    send(data) {
      note(`socket > ${String(data).slice(0, 60)}`);
      super.send(data);
    }
  };
  for (const event of ["online", "offline"]) window.addEventListener(event, () => note(event));
  const seen = new MutationObserver((changes) => {
    for (const change of changes) note(`${change.attributeName} ${change.target.getAttribute(change.attributeName)}`);
  });
  seen.observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state", "data-error"] });

  // Lines begin with the milliseconds since the last restart.
  window.timeline = {
    restart: () => {
      lines = [];
      begin = performance.now();
    },
    lines: () => lines,
    // For how long the newest WebSocket has been open, in milliseconds.
    socketAge: () => performance.now() - opened,
  };
}
