import { Tooltip } from "@mantine/core";

import type { Connection } from "@/api/events";
import { type Health, healthNotice } from "@/api/health";

import styles from "./connection_sign.module.css";

type Sign = "live" | "waiting" | "connecting" | "lost";

const words: Record<Sign, { name: string; help: string }> = {
  live: { name: "Live", help: "What happens is shown as it happens." },
  waiting: { name: "Waiting", help: "creel waits for something that is away. The top of the page says for what." },
  connecting: { name: "Connecting", help: "The page connects to creel." },
  lost: { name: "No connection", help: "The page tries to reach creel again by itself." },
};

function signOf(connection: Connection, health: Health | null): Sign {
  if (connection !== "live") return connection;
  return health && healthNotice(health) ? "waiting" : "live";
}

/** Whether what is shown is up to date, in a word. */
export function ConnectionSign({ connection, health }: { connection: Connection; health: Health | null }) {
  const sign = signOf(connection, health);
  return (
    <Tooltip label={words[sign].help} multiline maw={260} events={{ hover: true, focus: true, touch: true }}>
      <span className={styles.sign} data-sign={sign} tabIndex={0} role="img" aria-label={words[sign].name}>
        <span className={styles.dot} />
        <span className={styles.word}>{words[sign].name}</span>
      </span>
    </Tooltip>
  );
}

/** Comes when the connection is lost and goes when it is back; it lies over the page, so that nothing jumps. */
export function LostNotice({ connection }: { connection: Connection }) {
  return (
    <div role="status" className={styles.notices}>
      {connection === "lost" && <span className={styles.lost}>Connection lost - trying again</span>}
    </div>
  );
}
