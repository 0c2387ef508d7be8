import { Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import {
  IconBraces,
  IconBrandFlickr,
  IconBrandMastodon,
  IconBrandReddit,
  IconBrandWikipedia,
  IconCreativeCommons,
  IconList,
  IconPhoto,
  IconPlug,
  IconRss,
  IconTelescope,
  IconUsers,
} from "@tabler/icons-react";

import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";
import classes from "@/views/sources/kind_choice.module.css";
import { asSentence, kindGroups, type SourceType } from "@/views/sources/source_words";

const icons: Record<string, typeof IconPhoto> = {
  imgur: IconPhoto,
  feed: IconRss,
  "wikimedia-commons": IconBrandWikipedia,
  "nasa-apod": IconTelescope,
  reddit: IconBrandReddit,
  "mastodon-tag": IconBrandMastodon,
  "flickr-feed": IconBrandFlickr,
  lemmy: IconUsers,
  openverse: IconCreativeCommons,
  json: IconBraces,
  list: IconList,
};

/** The kinds of sources as cards, the well-known ones first. */
export function KindChoice({ types }: { types: SourceType[] }) {
  const { wellKnown, general } = kindGroups(types);
  return (
    <Stack gap="lg">
      <KindGroup title="Well known" types={wellKnown} />
      <KindGroup title="Anything else" types={general} />
    </Stack>
  );
}

function KindGroup({ title, types }: { title: string; types: SourceType[] }) {
  if (types.length === 0) return null;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {types.map((type) => (
          <li key={type.name}>
            <KindCard type={type} />
          </li>
        ))}
      </SimpleGrid>
    </section>
  );
}

function KindCard({ type }: { type: SourceType }) {
  const Icon = icons[type.name] ?? IconPlug;
  return (
    <Card withBorder padding="md" h="100%" className={classes.card}>
      <Group wrap="nowrap" align="flex-start">
        <Icon size={26} stroke={1.5} className={classes.icon} aria-hidden />
        <div>
          <ViewLink className={classes.link} href={addressOf("sources", { new: type.name })}>
            {type.label}
          </ViewLink>
          <Text size="sm" c="dimmed">
            {asSentence(type.help)}
          </Text>
        </div>
      </Group>
    </Card>
  );
}
