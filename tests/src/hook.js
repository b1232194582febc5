// Runs before every page's own scripts, and lets tests see what no element shows: connections, tracks, and gaps.
() => {
  const connections = [];
  const tracks = [];
  const asked = [];

  // Frames put on the screen since the element was first asked about. Firefox leaves getVideoPlaybackQuality() at 0 for
  // streams.
  const shown = new WeakMap();
  let first = null;
  const frames = () => {
    const video = document.querySelector("video");
    if (video && !shown.has(video)) {
      const count = () => {
        const before = shown.get(video) ?? -1;
        if (before === 0) first ??= performance.now();
        shown.set(video, before + 1);
        video.requestVideoFrameCallback(count);
      };
      count();
    }
    return shown.get(video) ?? 0;
  };

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };

  // Absent on pages that may not use cameras.
  const devices = navigator.mediaDevices;
  if (devices) {
    const getUserMedia = devices.getUserMedia.bind(devices);
    // Simulated cameras are small: many pictures are encoded and decoded at once on one machine. What was asked for is kept.
    const small = (video) => video?.width && !window.vongFullSize ? { ...video, width: { ideal: 320 }, height: { ideal: 240 } } : video;
    devices.getUserMedia = async (constraints) => {
      asked.push(constraints?.video);
      const stream = await getUserMedia({ ...constraints, video: small(constraints?.video) });
      tracks.push(...stream.getTracks());
      return stream;
    };
  }

  // What is counted of a connection. Firefox never says it of one that the page closes meanwhile.
  const stats = (connection) =>
    Promise.race([connection.getStats(), new Promise((go) => setTimeout(go, 2000, new Map()))]);

  // Energy of the sound that was decoded, over all connections that are not closed (W3C webrtc-stats).
  // null while no sound is received, be it silence.
  const energy = async () => {
    let sum = null;
    for (const connection of connections.filter((c) => c.connectionState !== "closed")) {
      for (const stat of (await stats(connection)).values()) {
        if (stat.type === "inbound-rtp" && stat.kind === "audio") sum = (sum ?? 0) + (stat.totalAudioEnergy ?? 0);
      }
    }
    return sum;
  };

  // When the page showed its first frame, in milliseconds since it began to load; null before.
  const firstFrame = () => {
    frames();
    return first;
  };

  // Both ends of the candidate pair that each connection uses which is not closed (W3C webrtc-stats).
  const paths = async () => {
    const found = [];
    for (const connection of connections.filter((c) => c.connectionState !== "closed")) {
      const all = await stats(connection);
      for (const stat of all.values()) {
        const pair = stat.type === "transport" && all.get(stat.selectedCandidatePairId);
        if (pair) found.push({ local: all.get(pair.localCandidateId), remote: all.get(pair.remoteCandidateId) });
      }
    }
    return found;
  };

  // From now on, the longest time in which no frame came, in milliseconds.
  let longest = 0;
  let since = 0;
  let counted = 0;
  let looking = null;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - since);
    if (frames() !== counted) {
      counted = frames();
      since = now;
    }
  };
  const startGap = () => {
    longest = 0;
    counted = frames();
    since = performance.now();
    clearInterval(looking);
    looking = setInterval(look, 50);
  };
  const longestGap = () => {
    look();
    return longest;
  };
  // For how long the present gap has lasted.
  const presentGap = () => performance.now() - since;

  window.vongTest = { connections, tracks, asked, frames, firstFrame, energy, paths, startGap, longestGap, presentGap };
}
