import {
  Alert,
  Button,
  CloseButton,
  FileButton,
  Group,
  List,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconFileText, IconUpload } from "@tabler/icons-react";
import { type DragEvent, useDeferredValue, useMemo, useRef, useState } from "react";

import { count, counted } from "@/format/numbers";
import { useDraft } from "@/state/draft";
import classes from "@/views/add/add.module.css";
import { droppedText, type ListFile, listFile, readFiles } from "@/views/add/dropped";
import { cleanFolder, folderFault } from "@/views/add/folder";
import { joinedLists, type Listing, type NewImage, readList, type WrongLine } from "@/views/add/list_text";

interface Properties {
  onSend: (images: NewImage[]) => void;
  isSending: boolean;
}

/** Characters from which on a text is kept beside the field: one of ten thousand lines would make it slow. */
const longText = 50_000;

function isLong(text: string): boolean {
  return text.length > longText;
}

/** Where URLs are pasted, typed or dropped; says what was recognised before anything is sent. */
export function Compose({ onSend, isSending }: Properties) {
  const [text, setText] = useDraft("add: text", () => "");
  const [files, setFiles] = useDraft<ListFile[]>("add: files", () => []);
  const [problems, setProblems] = useState<string[]>([]);
  const [folder, setFolder] = useDraft("add: folder", () => "");
  const [title, setTitle] = useDraft("add: title", () => "");
  const folderField = useRef<HTMLInputElement>(null);
  const fault = folderFault(folder);
  const listing = useListing(text, files);
  const isOne = listing.images.length === 1;

  const takeFiles = async (dropped: File[]) => {
    const read = await readFiles(dropped);
    setFiles((known) => [...known, ...read.files]);
    setProblems(read.problems);
  };
  const takeText = (more: string) => {
    if (isLong(more)) setFiles((known) => [...known, listFile("Pasted text", readList(more))]);
    else appendText(more);
  };
  const appendText = (more: string) =>
    setText((known) => (known === "" || known.endsWith("\n") ? known + more : `${known}\n${more}`));
  const send = () => {
    if (fault !== null) {
      folderField.current?.focus();
      return;
    }
    onSend(listing.images.map((image) => completed(image, folder, isOne ? title : "")));
    setText("");
    setFiles([]);
    setProblems([]);
    setTitle("");
  };
  return (
    <DropZone onFiles={(dropped) => void takeFiles(dropped)} onText={takeText}>
      <Stack>
        <Textarea
          label="URLs of images"
          description="One a line. Text, links, pictures of other pages and lists (.txt, .csv, .jsonl) can be dropped here too."
          placeholder={"https://example.com/cat.jpg\nhttps://example.com/dog.png"}
          rows={8}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData("text/plain");
            if (!isLong(pasted)) return;
            event.preventDefault();
            takeText(pasted);
          }}
        />
        <Files files={files} onRemove={(gone) => setFiles(files.filter((file) => file !== gone))} />
        <FileProblems problems={problems} onClose={() => setProblems([])} />
        <Recognised listing={listing} isEmpty={text.trim() === "" && files.length === 0} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput
            ref={folderField}
            label="Folder"
            description={'Below the folder "direct". May be left out.'}
            placeholder="cats/2026"
            autoComplete="off"
            value={folder}
            error={fault}
            onChange={(event) => setFolder(event.currentTarget.value)}
          />
          {isOne && (
            <TextInput
              label="Title"
              description="What the image shows. May be left out."
              autoComplete="off"
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
          )}
        </SimpleGrid>
        <Group>
          <Button onClick={send} disabled={listing.images.length === 0} loading={isSending}>
            {listing.images.length === 0 ? "Add" : `Add ${counted(listing.images.length, "image")}`}
          </Button>
          <FileButton
            multiple
            accept=".txt,.csv,.jsonl,.ndjson,.gz,text/plain,text/csv"
            onChange={(chosen) => void takeFiles(chosen)}
          >
            {(properties) => (
              <Button {...properties} variant="default" leftSection={<IconUpload size={18} stroke={1.7} aria-hidden />}>
                Choose a list
              </Button>
            )}
          </FileButton>
        </Group>
      </Stack>
    </DropZone>
  );
}

function useListing(text: string, files: ListFile[]): Listing {
  // Long lists are read while nobody waits for the next letter.
  const settled = useDeferredValue(text);
  const typed = useMemo(() => readList(settled), [settled]);
  return useMemo(() => joinedLists([typed, ...files.map((file) => file.listing)]), [typed, files]);
}

/** The image with what was typed beside its URL; what the list itself says goes before. */
export function completed(image: NewImage, folder: string, title: string): NewImage {
  const whole = { ...image };
  const clean = cleanFolder(folder);
  if (clean !== "" && !whole.folder_name) whole.folder_name = clean;
  if (title.trim() !== "" && !whole.title) whole.title = title.trim();
  return whole;
}

interface DropZoneProperties {
  onFiles: (files: File[]) => void;
  onText: (text: string) => void;
  children: React.ReactNode;
}

function DropZone({ onFiles, onText, children }: DropZoneProperties) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    const text = droppedText(event.dataTransfer);
    // A picture that is dragged from another page comes as a file and as its link: the link is what is meant.
    if (text !== "" && files.every((file) => file.type.startsWith("image/"))) onText(text);
    else if (files.length > 0) onFiles(files);
  };
  return (
    <div
      className={classes.zone}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={drop}
    >
      {children}
    </div>
  );
}

function Files({ files, onRemove }: { files: ListFile[]; onRemove: (file: ListFile) => void }) {
  if (files.length === 0) return null;
  return (
    <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: "none" }}>
      {files.map((file, place) => (
        <Group key={place} component="li" gap="xs" wrap="nowrap">
          <IconFileText size={18} stroke={1.7} aria-hidden />
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {file.name}: {counted(file.listing.images.length, "URL")}
          </Text>
          <CloseButton size="sm" aria-label={`Leave ${file.name} out`} onClick={() => onRemove(file)} />
        </Group>
      ))}
    </Stack>
  );
}

function FileProblems({ problems, onClose }: { problems: string[]; onClose: () => void }) {
  if (problems.length === 0) return null;
  return (
    <Alert color="yellow" title="Not taken" withCloseButton closeButtonLabel="Close" onClose={onClose} role="alert">
      <List size="sm" listStyleType="none">
        {problems.map((problem) => (
          <List.Item key={problem}>{problem}.</List.Item>
        ))}
      </List>
    </Alert>
  );
}

const mostShown = 200;

/** Where a line stands: "Line 3" of what was typed, "cats.csv, line 3" of a file. */
export function placeOf({ file, line }: Pick<WrongLine, "file" | "line">): string {
  return file === undefined ? `Line ${count(line)}` : `${file}, line ${count(line)}`;
}

/** What was found in text and files, and the lines that are of no use. */
function Recognised({ listing, isEmpty }: { listing: Listing; isEmpty: boolean }) {
  if (isEmpty) return <div aria-live="polite" />;
  const { images, wrong, repeated } = listing;
  const again = repeated > 0 ? ` ${counted(repeated, "other is a repetition", "others are repetitions")}.` : "";
  return (
    <Stack gap="xs" aria-live="polite">
      <Text size="sm" fw={600}>
        {counted(images.length, "URL")} recognised.{again}
      </Text>
      {wrong.length > 0 && (
        <Alert color="yellow" title={`${counted(wrong.length, "line is", "lines are")} no URL and will be left out`}>
          <ul className={classes.wrong} tabIndex={0} aria-label="Lines that are left out">
            {wrong.slice(0, mostShown).map((one, place) => (
              <li key={place}>
                {placeOf(one)}: {one.why}
                {one.text !== "" && <code> {one.text}</code>}
              </li>
            ))}
            {wrong.length > mostShown && <li>and {count(wrong.length - mostShown)} more</li>}
          </ul>
        </Alert>
      )}
    </Stack>
  );
}
