import { copyFile, readFile, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { listenHttp } from "#shared/http/listen.ts";
import { TestAuthority } from "#shared/http/testing/test-authority.ts";
import { trustForAll } from "#shared/runtime/trusted-authorities.ts";
import { electronProgram } from "../../build/electron-program.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { waitUntilIdle } from "../rig/desktop-ready.ts";
import { scriptCall } from "../rig/events.ts";
import { installedApp } from "../rig/installed-app.ts";
import { freePort } from "../rig/ports.ts";
import { startProgram } from "../rig/program.ts";
import { statesOf } from "../rig/recorder.ts";
import { HAS_PROXIES, startHttpProxy } from "../rig/proxies.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const NAME = "recorder.test";
/** An address of this machine that is not loopback: for loopback Chromium asks no proxy. */
const ADDRESS = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

/** A recorder that speaks TLS, with a certificate of an authority of the test's own. */
const test = base.extend<{
  host: string;
  authority: TestAuthority;
  tls: { certFile: string; keyFile: string };
}>({
  host: ["127.0.0.1", { option: true }],
  authority: async ({ folder }, use) => {
    const authority = await TestAuthority.create(join(folder, "ca"));
    trustForAll(["https://any.example"], authority.caFile);
    await use(authority);
  },
  tls: async ({ folder, authority, host }, use) => {
    const issued = await authority.issue({ names: `IP:${host},IP:127.0.0.2,DNS:${NAME}` });
    const tls = { certFile: join(folder, "recorder.pem"), keyFile: join(folder, "recorder.key") };
    await copyFile(issued.certFile, tls.certFile);
    await copyFile(issued.keyFile, tls.keyFile);
    await use(tls);
  },
  siteOptions: async ({ host, tls, authority }, use) => {
    const webrtc = { port: await freePort(), listenIp: host };
    await use({
      recorder: { http: { host, port: await freePort(), tls }, webrtc, allowedHosts: [NAME] },
      adapter: { caFile: authority.caFile },
      dynamics: { events: "none" },
    });
  },
});

test.describe("on a network with a proxy", () => {
  test.skip(ADDRESS === undefined || !HAS_PROXIES, "no address beside loopback, or no Debian");
  test.use({ host: ADDRESS ?? "" });

  test("a desktop goes by the proxy that the system's script names, and says what is wrong with a certificate", async ({
    site,
    recorder,
    authority,
    tls,
    desktop,
    call,
  }) => {
    await using proxy = await startHttpProxy();
    const script = `function FindProxyForURL(url, host) {
      return host === "${ADDRESS}" ? "PROXY 127.0.0.1:${await freePort()}; PROXY 127.0.0.1:${proxy.port}" : "DIRECT";
    }`;
    await using pac = await listenHttp("the script", { host: "127.0.0.1", port: 0 }, (_request, response) => {
      response.setHeader("content-type", "application/x-ns-proxy-autoconfig");
      response.end(script);
    });
    const ann = await desktop(ANN, "PC-0815", {
      settings: { caFile: authority.caFile },
      // The system's setting where there is no desktop environment.
      env: { auto_proxy: pac.url, XDG_CURRENT_DESKTOP: "" },
    });
    expect(proxy.connections).toBe(1);
    await call.ring();
    await call.connect();
    await sleep(3_000);
    await call.end();
    const recording = await call.sealed();
    expect(recording.tracks.map(statesOf)).toEqual([["late-start", "captured"]]);

    const day = 86_400_000;
    const names = `IP:${ADDRESS}`;
    const expired = await authority.issue({
      names,
      from: new Date(Date.now() - 2 * day),
      to: new Date(Date.now() - day),
    });
    await copyFile(expired.certFile, tls.certFile);
    await copyFile(expired.keyFile, tls.keyFile);
    await recorder.stop();
    await recorder.start();
    await waitFor(
      "the log to name the certificate",
      () => ann.output().includes('"why":"certificate-expired"'),
      {
        withinMs: 60_000,
      },
    );
    // Renewed, without a restart of either.
    const renewed = await authority.issue({ names });
    await copyFile(renewed.certFile, tls.certFile);
    await copyFile(renewed.keyFile, tls.keyFile);
    await waitUntilIdle(site, ANN, "PC-0815");
  });
});

test.describe("with names of its own", () => {
  test.skip(process.getuid?.() !== 0, "only root can give a program another /etc/hosts");
  test.skip(installedApp() !== null, "it gives the working tree's app another /etc/hosts");

  test("a recorder that comes back in a call at another address of its name is found there", async ({
    site,
    recorder,
    folder,
    monitor,
    authority,
    call,
  }) => {
    const hosts = join(folder, "hosts");
    const nameIs = (address: string) => writeFile(hosts, `127.0.0.1 localhost\n${address} ${NAME}\n`);
    await nameIs("127.0.0.1");
    const { port } = new URL(site.recorderUrl);
    const configFile = await site.desktopConfig(ANN, "PC-0815", folder, {
      serverUrl: `wss://${NAME}:${port}/v1/agent`,
      caFile: authority.caFile,
    });
    const { executable, args } = electronProgram([
      "--config",
      configFile,
      "--allow-loopback-in-peer-connection",
    ]);
    const mounted = 'mount --bind "$0" /etc/hosts && exec "$@"';
    await using ann = await startProgram(
      "the desktop",
      "unshare",
      ["-m", "sh", "-c", mounted, hosts, executable, ...args],
      { env: { DISPLAY: monitor.x.display } },
    );
    await waitUntilIdle(site, ANN, "PC-0815");
    await call.ring();
    await call.connect();
    await sleep(4_000);
    await recorder.stop();

    const config = parse(await readFile(site.configFile, "utf8")) as {
      recorder: { http: { host: string }; webrtc: { listenIp: string } };
    };
    const host = "127.0.0.2";
    config.recorder.http.host = host;
    config.recorder.webrtc.listenIp = host;
    const moved = join(folder, "moved.yaml");
    await writeFile(moved, stringify(config), { mode: 0o600 });
    await nameIs(host);
    await recorder.start(moved);
    const there = { ...site, recorderUrl: `https://${host}:${port}` };
    await waitUntilIdle(there, ANN, "PC-0815");
    await sleep(4_000);
    const later = scriptCall(there, ANN, call.callSessionId);
    await later.end();
    const recording = await later.sealed();
    expect(recording.tracks.map(statesOf), ann.tail()).toEqual([
      ["late-start", "captured", "recorder-restart", "captured"],
    ]);
  });
});
