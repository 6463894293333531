import { contextBridge, ipcRenderer } from "electron";
import { IPC_CHANNELS } from "../ipc-channels.ts";
import type { PageBridge } from "../ipc-contract.ts";

/** The one bridge between the capture page and the main process; what passes is validated at both ends, not here. */
const bridge: PageBridge = {
  onCommand(listener) {
    ipcRenderer.on(IPC_CHANNELS.command, (_event, command: unknown) => listener(command));
  },
  done(done) {
    ipcRenderer.send(IPC_CHANNELS.done, done);
  },
  request(request) {
    return ipcRenderer.invoke(IPC_CHANNELS.request, request);
  },
  status(status) {
    ipcRenderer.send(IPC_CHANNELS.status, status);
  },
};

contextBridge.exposeInMainWorld("deskreel", bridge);
