import { ActionIcon, Button, Group, Menu, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  IconDots,
  IconInfoCircle,
  IconPencil,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconTrash,
} from "@tabler/icons-react";

import type { Source } from "@/api/client";
import { useMayWrite } from "@/api/session";
import { addressOf, go } from "@/state/address";
import { DeleteSource } from "@/views/sources/delete_source";
import { allowed, isPolled } from "@/views/sources/source_cache";
import { type SourceAction, useSourceAction } from "@/views/sources/source_queries";

interface Properties {
  source: Source;
  /** "full" shows every action as a button with its word, "short" the rarer ones in a menu. */
  form: "full" | "short";
}

const words: Record<SourceAction, { label: string; help: string; icon: typeof IconRefresh }> = {
  start: { label: "Start", help: "Poll now, and from then on by itself", icon: IconPlayerPlay },
  stop: { label: "Stop", help: "No more polls until it is started again", icon: IconPlayerStop },
  fetch: { label: "Fetch now", help: "Poll once, now", icon: IconRefresh },
};

/** What can be done with a source in its present state. */
export function SourceActions({ source, form }: Properties) {
  const mayWrite = useMayWrite();
  const [isDeleting, deleting] = useDisclosure(false);
  const can = allowed(source);
  const { mutate, isPending, variables } = useSourceAction(source.id, (error) =>
    notifications.show({ color: "red", title: source.name, message: error.message }),
  );
  const shown = (["start", "stop", "fetch"] as const).filter((action) => mayWrite && can[action]);
  return (
    <Group gap={form === "full" ? "sm" : 6} wrap={form === "full" ? "wrap" : "nowrap"}>
      {shown.map((action) => (
        <ActionButton
          key={action}
          action={action}
          source={source}
          isBusy={isPending && variables === action}
          isIcon={form === "short" && action === "fetch"}
          onClick={() => {
            if (action === "fetch" && source.state === "blocked") notifications.show(triedEarly(source));
            mutate(action);
          }}
        />
      ))}
      {form === "full" && mayWrite && <RareButtons source={source} onDelete={deleting.open} />}
      {form === "short" && <RareMenu source={source} mayWrite={mayWrite} onDelete={deleting.open} />}
      <DeleteSource source={source} isOpen={isDeleting} onClose={deleting.close} />
    </Group>
  );
}

/** A poll that is put off again leaves no trace but the time of the next one. */
function triedEarly(source: Source) {
  return {
    color: "gray",
    title: source.name,
    message: "It is asked now, unless its server wants to be left alone; then it goes on waiting.",
  };
}

interface ActionButtonProperties {
  action: SourceAction;
  source: Source;
  isBusy: boolean;
  isIcon: boolean;
  onClick: () => void;
}

function ActionButton({ action, source, isBusy, isIcon, onClick }: ActionButtonProperties) {
  const { label, help, icon: Icon } = words[action];
  const name = `${label}: ${source.name}`;
  return (
    <Tooltip label={isIcon ? `${label}: ${help.toLowerCase()}` : help}>
      {isIcon ? (
        <ActionIcon variant="default" size="md" aria-label={name} loading={isBusy} onClick={onClick}>
          <Icon size={16} stroke={1.7} aria-hidden />
        </ActionIcon>
      ) : (
        <Button
          variant={action === "start" ? "light" : "default"}
          size="compact-sm"
          aria-label={name}
          loading={isBusy}
          leftSection={<Icon size={15} stroke={1.7} aria-hidden />}
          onClick={onClick}
        >
          {label}
        </Button>
      )}
    </Tooltip>
  );
}

function editAddress(source: Source) {
  return addressOf("sources", { source: String(source.id), edit: "yes" });
}

function RareButtons({ source, onDelete }: { source: Source; onDelete: () => void }) {
  return (
    <>
      {isPolled(source) && (
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPencil size={15} stroke={1.7} aria-hidden />}
          onClick={() => go(editAddress(source))}
        >
          Edit
        </Button>
      )}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconTrash size={15} stroke={1.7} aria-hidden />}
        onClick={onDelete}
      >
        Delete
      </Button>
    </>
  );
}

function RareMenu({ source, mayWrite, onDelete }: { source: Source; mayWrite: boolean; onDelete: () => void }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="md" aria-label={`More: ${source.name}`}>
          <IconDots size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconInfoCircle size={16} stroke={1.7} aria-hidden />}
          onClick={() => go(addressOf("sources", { source: String(source.id) }))}
        >
          Open
        </Menu.Item>
        {mayWrite && isPolled(source) && (
          <Menu.Item
            leftSection={<IconPencil size={16} stroke={1.7} aria-hidden />}
            onClick={() => go(editAddress(source))}
          >
            Edit
          </Menu.Item>
        )}
        {mayWrite && (
          <Menu.Item
            c="var(--mantine-color-error)"
            leftSection={<IconTrash size={16} stroke={1.7} aria-hidden />}
            onClick={onDelete}
          >
            Delete...
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
