import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import styles from "./gallery_toolbar.module.css";

interface Properties {
  q: string;
  onSearch: (q: string) => void;
}

/** Long enough that a word is not asked for letter by letter. */
const pause = 250;

/** Searches as one types. */
export function SearchField({ q, onSearch }: Properties) {
  const [text, setText] = useState(q);
  const [given, setGiven] = useState(q);
  // The address may change otherwise: by going back, or by clearing the filters.
  if (given !== q) {
    setGiven(q);
    if (q !== text.trim()) setText(q);
  }

  const search = useRef(onSearch);
  useEffect(() => {
    search.current = onSearch;
  });
  useEffect(() => {
    if (text.trim() === q) return;
    const timer = setTimeout(() => search.current(text.trim()), pause);
    return () => clearTimeout(timer);
  }, [text, q]);

  return (
    <TextInput
      type="search"
      className={styles.search}
      aria-label="Search in titles, descriptions and authors"
      placeholder="Search titles, descriptions, authors"
      leftSection={<IconSearch size={18} aria-hidden />}
      maxLength={500}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText("")} />}
    />
  );
}
