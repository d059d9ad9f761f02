// One stop of the road, with its number on the line that leads past all of them.

import type { ComponentChildren } from "preact";
import { useDesk } from "../frame/desk_context";

interface Given {
  number: number;
  title: string;
  lead?: string;
  children: ComponentChildren;
}

export function Station({ number, title, lead, children }: Given) {
  const { formats } = useDesk();
  return (
    <li class="station">
      <span class="milestone" aria-hidden="true">
        {formats.number(number)}
      </span>
      <h2>{title}</h2>
      {lead && <p class="faint">{lead}</p>}
      {children}
    </li>
  );
}
