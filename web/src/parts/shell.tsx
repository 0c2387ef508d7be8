import { AppShell, Badge, Group } from "@mantine/core";
import { IconActivity, IconPhoto, IconPhotoPlus, IconRss } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";

import { useConnection } from "@/api/events";
import { useHealth } from "@/api/health";
import type { Session } from "@/api/session";
import { AccountMenu } from "@/parts/account_menu";
import { ConnectionSign, LostNotice } from "@/parts/connection_sign";
import { HealthNotice } from "@/parts/health_notice";
import { SchemeMenu } from "@/parts/scheme_menu";
import { ViewLink } from "@/parts/view_link";
import { addressOf, type View, views } from "@/state/address";

import styles from "./shell.module.css";

interface Properties {
  session: Session;
  view: View;
  onSignedOut: () => void;
  children: ReactNode;
}

const names: Record<View, string> = { gallery: "Gallery", sources: "Sources", activity: "Activity", add: "Add" };
const icons: Record<View, typeof IconPhoto> = {
  gallery: IconPhoto,
  sources: IconRss,
  activity: IconActivity,
  add: IconPhotoPlus,
};

/** What surrounds every view: where one is, where one can go, whether events come in. */
export function Shell({ session, view, onSignedOut, children }: Properties) {
  const main = useViewChange(view);
  const connection = useConnection();
  const health = useHealth();
  return (
    <AppShell header={{ height: 56 }} footer={{ height: { base: 60, sm: 0 } }} padding={{ base: "sm", sm: "md" }}>
      <a
        className={styles.skip}
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <AppShell.Header className={styles.header}>
        <ViewLink href={addressOf("gallery")} className={styles.mark} aria-label="creel, to the gallery">
          <img src="/favicon.svg" alt="" width={30} height={30} />
          <span className={styles.name}>creel</span>
        </ViewLink>
        <Views view={view} className={styles.top} />
        <Group gap={6} wrap="nowrap" className={styles.tools}>
          <ConnectionSign connection={connection} health={health} />
          {session.scope === "read" && (
            <Badge color="yellow" variant="light" title="This session may look at everything and change nothing">
              read-only
            </Badge>
          )}
          <SchemeMenu />
          <AccountMenu session={session} onSignedOut={onSignedOut} />
        </Group>
      </AppShell.Header>
      <AppShell.Main id="content" ref={main} tabIndex={-1} className={styles.main}>
        <LostNotice connection={connection} />
        <HealthNotice health={health} />
        {children}
      </AppShell.Main>
      <AppShell.Footer className={styles.footer} hiddenFrom="sm">
        <Views view={view} className={styles.bottom} />
      </AppShell.Footer>
    </AppShell>
  );
}

function Views({ view, className }: { view: View; className: string | undefined }) {
  return (
    <nav aria-label="Views" className={className}>
      {views.map((one) => {
        const Icon = icons[one];
        return (
          <ViewLink
            key={one}
            href={addressOf(one)}
            className={styles.view}
            aria-current={one === view ? "page" : undefined}
          >
            <Icon size={20} stroke={1.7} aria-hidden />
            <span>{names[one]}</span>
          </ViewLink>
        );
      })}
    </nav>
  );
}

/** Names the document after the view, and takes the keyboard to what is new when another view is chosen. */
function useViewChange(view: View) {
  const main = useRef<HTMLElement>(null);
  const last = useRef(view);
  useEffect(() => {
    document.title = `${names[view]} - creel`;
    if (last.current === view) return;
    last.current = view;
    main.current?.focus({ preventScroll: true });
  }, [view]);
  return main;
}
