import { Button, Card, Code, Group, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";

import { addressOf } from "@/state/address";

/** A part of the page did not come: the backend is away, or is of another version than the page. */
export class PageNotLoaded extends Error {
  constructor() {
    super("A part of the page could not be loaded.");
    this.name = "PageNotLoaded";
  }
}

/** Shows what failed where a part of the page cannot be drawn, so that the rest stays of use. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? this.props.children : <Failed error={this.state.error} />;
  }
}

function Failed({ error }: { error: unknown }) {
  const isMissing = error instanceof PageNotLoaded;
  return (
    <Card withBorder padding="xl" maw={640} mx="auto" my="xl" role="alert">
      <Stack>
        <Title order={1} size="h3">
          {isMissing ? "This part of the page did not load" : "This part of the page failed"}
        </Title>
        <Text>
          {isMissing
            ? "creel cannot be reached, or was upgraded since the page was opened. Load the page again; where you are is kept."
            : "The fault is in the page, not in your images; they go on being stored. Load the page again. If it fails again, please report this:"}
        </Text>
        {!isMissing && <Code block>{String(error)}</Code>}
        <Group>
          <Button onClick={() => window.location.reload()}>Load the page again</Button>
          <Button variant="default" component="a" href={addressOf("gallery")}>
            Go to the gallery
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
