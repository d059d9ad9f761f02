// The top of a section: its name, what it is for, and what can be done in it.

import type { ComponentChildren } from "preact";
import { useDesk } from "./desk_context";
import type { Section } from "./place";

export function Heading({
  section,
  children,
}: {
  section: Section;
  children?: ComponentChildren;
}) {
  const { words } = useDesk();
  return (
    <header class="heading">
      <div>
        <h1>{words.frame.names[section]}</h1>
        <p>{words.frame.leads[section]}</p>
      </div>
      {children && <div class="actions">{children}</div>}
    </header>
  );
}
