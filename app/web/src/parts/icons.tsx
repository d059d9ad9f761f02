// Signs drawn with lines, 24 by 24, in the colour of the text around them.

import type { ComponentChildren } from "preact";

function icon(drawn: ComponentChildren, turns = false) {
  return () => (
    <svg
      class={turns ? "icon turns" : "icon"}
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {drawn}
    </svg>
  );
}

// Those that point along the text turn with its direction.
export const Up = icon(<path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" />);
export const Down = icon(<path d="M12 5v14M5.5 12.5 12 19l6.5-6.5" />);
export const Forward = icon(<path d="M5 12h14M13 6l6 6-6 6" />, true);
export const Square = icon(<rect x="7" y="7" width="10" height="10" rx="2" />);
export const Copy = icon(
  <>
    <rect x="9" y="9" width="11" height="11" rx="2.5" />
    <path d="M15 5.5A1.5 1.5 0 0 0 13.5 4h-8A1.5 1.5 0 0 0 4 5.5v8A1.5 1.5 0 0 0 5.5 15" />
  </>,
);
export const Markdown = icon(
  <>
    <rect x="2.5" y="5.5" width="19" height="13" rx="2.5" />
    <path d="M6 15V9l2.75 3L11.5 9v6M16.5 9v6M14.5 13l2 2 2-2" />
  </>,
);
export const Check = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const Again = icon(
  <path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4v5h-5" />,
);
export const Pencil = icon(<path d="M4 20h4L19 9a2.1 2.1 0 0 0-3-3L5 17zM14 8l3 3" />);
export const Close = icon(<path d="M6 6l12 12M18 6 6 18" />);
export const Plus = icon(<path d="M12 5v14M5 12h14" />);
export const Search = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4 4" />
  </>,
);
export const Bin = icon(
  <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5" />,
);
export const Outside = icon(<path d="M9 5H5v14h14v-4M13 4h7v7M20 4l-9 9" />);
export const Page = icon(<path d="M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 16h6" />);
export const Person = icon(
  <>
    <circle cx="12" cy="8" r="3.75" />
    <path d="M4.5 20a7.5 7.5 0 0 1 15 0" />
  </>,
);
export const Warning = icon(<path d="M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.1" />);
export const Unknown = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M9.7 9.6a2.4 2.4 0 1 1 3.4 2.2c-.7.3-1.1.8-1.1 1.6M12 16.4v.1" />
  </>,
);
export const Key = icon(
  <>
    <circle cx="8" cy="15.5" r="4" />
    <path d="m11 12.5 8-8M16 7.5l2.5 2.5" />
  </>,
);
export const Sliders = icon(
  <>
    <path d="M4 8h9M19 8h1M4 16h1M11 16h9" />
    <circle cx="16" cy="8" r="2.5" />
    <circle cx="8" cy="16" r="2.5" />
  </>,
);
export const Sidebar = icon(
  <>
    <rect x="3.5" y="5" width="17" height="14" rx="2.5" />
    <path d="M9.5 5v14" />
  </>,
  true,
);
const THUMB =
  "M8 11v8.5H5.5A1.5 1.5 0 0 1 4 18v-5.5A1.5 1.5 0 0 1 5.5 11zM8 11l3.5-7c1.5 0 2.4 1.2 2.1 2.7L13 10h5a2 2 0 0 1 2 2.4l-1.2 5.6a2 2 0 0 1-2 1.5H8";
export const ThumbUp = icon(<path d={THUMB} />);
export const ThumbDown = icon(<path d={THUMB} transform="rotate(180 12 12)" />);
