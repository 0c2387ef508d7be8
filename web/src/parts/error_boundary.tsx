import { Button, Card, Code, Group, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode, useEffect } from "react";

import { eventStream, useWhenBack } from "@/api/events";
import { addressOf } from "@/state/address";
import { reloadPage } from "@/state/reload";

/** A part of the page did not come: the backend is away, or is of another version than the page. */
export class PageNotLoaded extends Error {
  /** Tries once more. */
  readonly load: () => Promise<unknown>;
  /** Has the part loaded anew when it is looked at next. */
  readonly forget: () => void;

  constructor(load: () => Promise<unknown>, forget: () => void) {
    super("A part of the page could not be loaded.");
    this.name = "PageNotLoaded";
    this.load = load;
    this.forget = forget;
  }
}

/** Shows what failed where a part of the page cannot be drawn, so that the rest stays of use. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    if (error instanceof PageNotLoaded)
      return <Missing error={error} onLoaded={() => this.setState({ error: null })} />;
    return <Failed error={error} />;
  }
}

/** Stands where a part of the page did not come, until the backend is back and gives it. */
function Missing({ error, onLoaded }: { error: PageNotLoaded; onLoaded: () => void }) {
  useEffect(() => () => error.forget(), [error]);
  useWhenBack(() => {
    error.load().then(
      () => {
        error.forget();
        onLoaded();
      },
      // A browser may keep to its first answer, and another version has other files: a new page has neither trouble.
      () => eventStream.connection() === "live" && reloadPage(),
    );
  });
  return (
    <Notice title="This part of the page did not load">
      <Text>
        creel cannot be reached, or was upgraded since the page was opened. It is tried again when the connection is
        back. You can load the page again, too; where you are is kept.
      </Text>
    </Notice>
  );
}

function Failed({ error }: { error: unknown }) {
  return (
    <Notice title="This part of the page failed">
      <Text>
        The fault is in the page, not in your images; they go on being stored. Load the page again. If it fails again,
        please report this:
      </Text>
      <Code block>{String(error)}</Code>
    </Notice>
  );
}

function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder padding="xl" maw={640} mx="auto" my="xl" role="alert">
      <Stack>
        <Title order={1} size="h3">
          {title}
        </Title>
        {children}
        <Group>
          <Button onClick={reloadPage}>Load the page again</Button>
          <Button variant="default" component="a" href={addressOf("gallery")}>
            Go to the gallery
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
