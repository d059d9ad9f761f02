// Where files are given: by buttons, or dropped anywhere on the page.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import type { Folder } from "../types";
import { type Choice, into, ofDrop, ofField } from "./chosen";
import type { Queue } from "./queue";

export function Drop({ queue, folder }: { queue: Queue; folder: Folder }) {
  const { words, formats, say } = useDesk();
  const [isOver, setOver] = useState(false);
  const [place, setPlace] = useState("");
  const files = useRef<HTMLInputElement>(null);
  const folders = useRef<HTMLInputElement>(null);
  const id = useId();
  const take = ({ files: chosen, hidden }: Choice) => {
    queue.add(into(place, chosen), folder);
    if (hidden) say(words.uploads.hidden(formats.number(hidden)));
  };
  const taking = useRef(take);
  taking.current = take;

  useEffect(() => {
    const holds = (event: DragEvent) =>
      event.dataTransfer?.types.includes("Files") === true;
    const over = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const out = (event: DragEvent) => {
      if (!event.relatedTarget) setOver(false);
    };
    const drop = async (event: DragEvent) => {
      if (!holds(event) || !event.dataTransfer) return;
      // Else the browser leaves the page and shows the file.
      event.preventDefault();
      setOver(false);
      taking.current(await ofDrop(event.dataTransfer));
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", out);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", out);
      removeEventListener("drop", drop);
    };
  }, []);
  useEffect(() => folders.current?.setAttribute("webkitdirectory", ""), []);

  const chosen = (event: { currentTarget: HTMLInputElement }) => {
    take(ofField(event.currentTarget));
    // The same file can be chosen once more.
    event.currentTarget.value = "";
  };
  return (
    <section class={isOver ? "drop over" : "drop"} aria-label={words.uploads.choose}>
      <div class="hint">
        <Icon name="upload" />
        <span>{isOver ? words.uploads.dropNow : words.uploads.drop}</span>
      </div>
      <div class="actions">
        <button type="button" class="main" onClick={() => files.current?.click()}>
          <Icon name="upload" />
          {words.uploads.choose}
        </button>
        <button type="button" onClick={() => folders.current?.click()}>
          <Icon name="folder" />
          {words.uploads.chooseFolder}
        </button>
      </div>
      <div class="into">
        <label for={id}>{words.uploads.folder}</label>
        <input
          id={id}
          dir="auto"
          placeholder={words.uploads.folderHint}
          value={place}
          onInput={(event) => setPlace(event.currentTarget.value)}
        />
      </div>
      <input ref={files} type="file" multiple hidden tabIndex={-1} onChange={chosen} />
      <input
        ref={folders}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        onChange={chosen}
      />
    </section>
  );
}
