// Runs before every page's own scripts: notes when the steps to the first frame are reached, in milliseconds since the
// navigation began. The same for every page that is compared.
() => {
  const steps = {};
  const reach = (step) => {
    steps[step] ??= performance.now();
  };
  const { promise: shown, resolve } = Promise.withResolvers();
  window.vongFirstFrame = shown;

  window.WebSocket = class extends window.WebSocket {
    constructor(...args) {
      reach("socket");
      super(...args);
      this.addEventListener("open", () => reach("opened"));
      // The first message is `joined`.
      this.addEventListener("message", () => reach("joined"), { once: true });
    }
  };

  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...args) {
      super(...args);
      reach("connection");
      this.addEventListener("connectionstatechange", () => {
        if (this.connectionState === "connected") reach("connected");
      });
    }
    setLocalDescription(...args) {
      reach("offered");
      return super.setLocalDescription(...args);
    }
    setRemoteDescription(...args) {
      reach("answered");
      return super.setRemoteDescription(...args);
    }
  };

  // A frame has been handed over for the screen when this is called (WICG video-rvfc). The first that shows something
  // counts, because a stream that is attached early may begin with a black one; the first of any kind is noted too.
  const presented = (video) => {
    const now = performance.now();
    reach("any");
    const canvas = new OffscreenCanvas(16, 16).getContext("2d");
    canvas.drawImage(video, 0, 0, 16, 16);
    const { data } = canvas.getImageData(0, 0, 16, 16);
    const { width, height } = video.getBoundingClientRect();
    if (width * height === 0 || !data.some((value, index) => index % 4 !== 3 && value > 32)) {
      video.requestVideoFrameCallback(() => presented(video));
      return;
    }
    steps.frame = now;
    // Bytes that did not come from the cache, without the page itself.
    const loaded = performance.getEntriesByType("resource").reduce((sum, entry) => sum + entry.transferSize, 0);
    resolve({ steps, loaded });
  };

  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...source,
    set(stream) {
      if (stream && !("stream" in steps)) {
        reach("stream");
        this.requestVideoFrameCallback(() => presented(this));
      }
      source.set.call(this, stream);
    },
  });
}
