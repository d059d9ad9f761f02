// Round steps for an axis. Pure.

/** Return round values from 0 to at least `most`, some four of them. */
export function ticksTo(most: number, isWhole: boolean): number[] {
  const wanted = Math.max(most, isWhole ? 4 : 0.001) / 4;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 2.5, 5, 10]
    .map((factor) => factor * power)
    .filter((one) => !isWhole || Number.isInteger(one))
    .find((one) => one >= wanted);
  const size = step ?? Math.ceil(wanted);
  const count = Math.max(Math.ceil(most / size), 1);
  return Array.from({ length: count + 1 }, (_, at) => at * size);
}

/** Return which of `count` days are named below an axis with room for `room` names. */
export function named(count: number, room: number): Set<number> {
  const step = Math.max(Math.ceil(count / Math.max(room, 1)), 1);
  const places = new Set<number>();
  // The newest day is always named.
  for (let at = count - 1; at >= 0; at -= step) places.add(at);
  return places;
}
