// A status line: prints how full each usage window is, and ends. It asks a server that runs, over
// WebSocket (`quotad app-server --listen ws://127.0.0.1:4500`), in the dialect of JSON-RPC 2.0.
import WebSocket from "ws";
import type {
  ClientRequest,
  JSONRPCError,
  JSONRPCResponse,
  RequestFunction,
  RequestId,
  v2,
} from "../../schema/typescript";

type Waiting = { resolve: (result: never) => void; reject: (error: Error) => void };

const socket = new WebSocket(process.env["QUOTAD_URL"] ?? "ws://127.0.0.1:4500");
const waiting = new Map<RequestId | null, Waiting>();

const request: RequestFunction = (method, ...[params]) =>
  new Promise((resolve, reject) => {
    const id = waiting.size + 1;
    waiting.set(id, { resolve, reject });
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params } as ClientRequest));
  });

socket.on("message", (data) => {
  const message = JSON.parse(String(data)) as JSONRPCResponse | JSONRPCError;
  const { resolve, reject } = waiting.get(message.id) ?? {};
  if ("error" in message) reject?.(new Error(`${message.error.data.kind}: ${message.error.message}`));
  else resolve?.(message.result as never);
});
socket.on("close", () => waiting.forEach(({ reject }) => reject(new Error("hung up"))));
const opened = new Promise<void>((resolve, reject) => {
  socket.on("open", () => resolve());
  socket.on("error", reject);
});

function show(window: v2.RateLimitWindow | null): string {
  if (window === null) return "";
  const hours = Math.round((window.windowDurationMins ?? 0) / 60);
  return ` ${hours} h ${window.usedPercent} %`;
}

async function main(): Promise<void> {
  await opened;
  await request("initialize", { clientInfo: { name: "statusline", version: "1.0.0" } });
  const { rateLimits } = await request("account/rateLimits/read");
  console.log("codex:" + show(rateLimits.primary) + show(rateLimits.secondary));
  const { summary } = await request("account/usage/read");
  console.log(`tokens in all: ${summary.lifetimeTokens ?? "unknown"}`);
}

main()
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(() => socket.close());
