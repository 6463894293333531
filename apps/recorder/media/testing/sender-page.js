// Runs in Chromium: sends a canvas with something moving on it through mediasoup-client, as the desktop sends its screen.
// The test provides `ask(type, body)`; `scene` is a number of coloured bars, so that key frames can be made small or dense.
import { Device } from "mediasoup-client";

function drawForever(canvas, { bars, framesPerSecond }) {
  const context = canvas.getContext("2d");
  const draw = () => {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (let bar = 0; bar < bars; bar++) {
      context.fillStyle = `hsl(${(bar * 47) % 360} 80% 50%)`;
      context.fillRect((bar * 37 + performance.now() / 20) % canvas.width, (bar * 11) % canvas.height, 24, 9);
    }
  };
  draw();
  return setInterval(draw, 1000 / framesPerSecond);
}

window.startSending = async (options) => {
  const { routerRtpCapabilities, transport, codec, width, height, bars, framesPerSecond } = options;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  document.body.append(canvas);
  drawForever(canvas, { bars, framesPerSecond });
  // Named, because headless Chromium does not call itself Chrome.
  const device = new Device({ handlerName: "Chrome111" });
  await device.load({ routerRtpCapabilities });
  const sendTransport = device.createSendTransport(transport);
  const answer = async (type, body, done) => done({ id: await window.ask(type, body) });
  sendTransport.on("connect", ({ dtlsParameters }, done) => void answer("connect", dtlsParameters, done));
  sendTransport.on("produce", ({ rtpParameters }, done) => void answer("produce", rtpParameters, done));
  window.resize = (nextWidth, nextHeight) => {
    canvas.width = nextWidth;
    canvas.height = nextHeight;
  };
  let producer;
  window.plugIn = async () => {
    const [track] = canvas.captureStream(framesPerSecond).getVideoTracks();
    track.contentHint = "detail";
    producer = await sendTransport.produce({
      track,
      codec: device.sendRtpCapabilities.codecs.find(
        ({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`,
      ),
      // Without temporal layers AV1 comes without the header extension by which mediasoup knows its key frames.
      encodings: [{ maxBitrate: 1_200_000, scalabilityMode: codec === "av1" ? "L1T3" : "L1T1" }],
      codecOptions: { videoGoogleStartBitrate: 1_000 },
    });
  };
  window.unplug = () => producer.close();
  window.framesSent = async () => {
    const stats = [...(await producer.getStats()).values()];
    return stats.reduce(
      (sum, { type, framesSent = 0 }) => sum + (type === "outbound-rtp" ? framesSent : 0),
      0,
    );
  };
  await window.plugIn();
};
