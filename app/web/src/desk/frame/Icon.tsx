// The desk's pictures: lines of one width, in the colour of the text beside them.

const PATHS = {
  documents:
    "M7 3h7l5 5v12a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5M9 13h6M9 17h4",
  answer:
    "M6 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM18 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 17h6.500a3 3 0 0 0 0-6h-5a3 3 0 0 1 0-6H16",
  insights: "M4 20h16M7 16v-5M12 16V6M17 16v-8",
  editions: "M12 8v4l3 2M4.500 9a8 8 0 1 1-.400 5M4 4v5h5",
  keys: "M8 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 11l8-7M16 7l2.500 2.500",
  indexed: "M5 12.500l4.500 4.500L19 7.500",
  failed:
    "M12 8v5M12 16.500v.010M10.300 4.200 3 17a2 2 0 0 0 1.700 3h14.600a2 2 0 0 0 1.700-3L13.700 4.200a2 2 0 0 0-3.400 0z",
  waiting: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  leaving: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  close: "M6 6l12 12M18 6 6 18",
  upload: "M12 16V5M7 10l5-5 5 5M5 19h14",
  folder: "M3 7a1 1 0 0 1 1-1h5l2 2h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  again: "M20 12a8 8 0 1 1-2.300-5.600M20 3v4.500h-4.500",
  copy: "M9 9h10v11H9zM5 15V4h10",
  plus: "M12 5v14M5 12h14",
  info: "M12 11v6M12 7.500v.010M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  offline:
    "M4 4l16 16M8.500 15.500a5 5 0 0 1 6-.700M5 12a10 10 0 0 1 5-2.600M2 8.500a15 15 0 0 1 5-3M15 9.700a10 10 0 0 1 4 2.300M12 5a15 15 0 0 1 10 3.500M12 19v.010",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M18.400 5.600l-1.100 1.100M6.700 17.300l-1.100 1.100",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8 8 0 1 0 10.500 10.500z",
  chat: "M4 5h16v11H9l-5 4z",
  next: "M9 5l7 7-7 7",
  back: "M15 5l-7 7 7 7",
  up: "M12 19V6M6 12l6-6 6 6",
  down: "M12 5v13M6 12l6 6 6-6",
  thumbUp:
    "M7 11v9H4v-9zM7 11l4-7a2 2 0 0 1 2 2v4h5.500a1.500 1.500 0 0 1 1.500 1.800l-1.300 6.500A2 2 0 0 1 16.700 20H7",
  thumbDown:
    "M17 13V4h3v9zM17 13l-4 7a2 2 0 0 1-2-2v-4H5.500A1.500 1.500 0 0 1 4 12.200l1.300-6.500A2 2 0 0 1 7.300 4H17",
} as const;

export type IconName = keyof typeof PATHS;

/** Draw a picture beside its words; to a screen reader it says nothing. */
export function Icon({ name }: { name: IconName }) {
  const isDirected = name === "next" || name === "back";
  return (
    <svg
      class={isDirected ? "icon directed" : "icon"}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
