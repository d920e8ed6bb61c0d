// A status line: prints how full each usage window is, and ends. It starts a server of its own,
// speaks to it over stdio, and takes its types from `quotad app-server generate-ts`.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type {
  JSONRPCError,
  JSONRPCResponse,
  RequestFunction,
  RequestId,
  v2,
} from "../../schema/typescript";

type Waiting = { resolve: (result: never) => void; reject: (error: Error) => void };

const server = spawn(process.env["QUOTAD"] ?? "quotad", ["app-server"], {
  stdio: ["pipe", "pipe", "inherit"],
});
const waiting = new Map<RequestId | null, Waiting>();

const request: RequestFunction = (method, ...[params]) =>
  new Promise((resolve, reject) => {
    const id = waiting.size + 1;
    waiting.set(id, { resolve, reject });
    server.stdin.write(JSON.stringify({ id, method, params }) + "\n");
  });

createInterface({ input: server.stdout }).on("line", (line) => {
  const message = JSON.parse(line) as JSONRPCResponse | JSONRPCError;
  const { resolve, reject } = waiting.get(message.id) ?? {};
  if ("error" in message) reject?.(new Error(message.error.message));
  else resolve?.(message.result as never);
});
const giveUp = (error: Error) => waiting.forEach(({ reject }) => reject(error));
server.on("error", giveUp).on("close", () => giveUp(new Error("the server has ended")));

function show(window: v2.RateLimitWindow | null): string {
  if (window === null) return "";
  const hours = Math.round((window.windowDurationMins ?? 0) / 60);
  return ` ${hours} h ${window.usedPercent} %`;
}

async function main(): Promise<void> {
  const clientInfo = { name: "statusline", version: "1.0.0" };
  await request("initialize", { clientInfo });
  const limits = await request("account/rateLimits/read", { excludeResetCreditDetails: true });
  for (const [name, bucket] of Object.entries(limits.rateLimitsByLimitId ?? {})) {
    if (bucket) console.log(name + ":" + show(bucket.primary) + show(bucket.secondary));
  }
  const resets = limits.rateLimitResetCredits?.availableCount ?? 0;
  if (resets > 0) console.log(`resets: ${resets}`);
}

main()
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(() => server.stdin.end());
