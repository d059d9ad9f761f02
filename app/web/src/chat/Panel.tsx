import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  side: "start" | "end";
  /** Whether it lies over the page, as on a phone, or stands beside the text. */
  isOver: boolean;
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** Something beside the chat; where there is no room, over it. Escape closes it. */
export function Panel({ side, isOver, label, onClose, children }: Props) {
  if (isOver) return <Over {...{ side, label, onClose, children }} />;
  return (
    <aside
      class={`panel ${side}`}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </aside>
  );
}

function Over({ side, label, onClose, children }: Omit<Props, "isOver">) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it
    <dialog
      ref={dialog}
      class={`panel over ${side}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
