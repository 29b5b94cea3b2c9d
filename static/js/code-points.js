// The one place where UTF-16 offsets, as the browser counts, become code points, as everything else here counts.

const isHigh = (unit) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit) => unit >= 0xdc00 && unit <= 0xdfff;

// How many code points `text` has. A lone half of a pair counts as one.
export function length(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

// Whether the boundary `offset`, in UTF-16 units, falls between the halves of one character.
function splitsPair(text, offset) {
  return offset > 0 && offset < text.length && isHigh(text.charCodeAt(offset - 1)) && isLow(text.charCodeAt(offset));
}

// The range in code points of a range in UTF-16 units; a boundary within a character moves outwards.
export function range(text, start, end) {
  const from = splitsPair(text, start) ? start - 1 : start;
  const to = splitsPair(text, end) ? end + 1 : end;
  const first = length(text.slice(0, from));
  return { start: first, end: first + length(text.slice(from, to)), quote: text.slice(from, to) };
}

// The string `[start, end)` in code points of `text`.
export function slice(text, start, end) {
  return Array.from(text).slice(start, end).join("");
}

// The two ways of counting along one text: `unit(point)` and `point(unit)`. A text without pairs needs no table.
export class Offsets {
  constructor(text) {
    if (!/[\ud800-\udfff]/.test(text)) return;
    this.units = new Uint32Array(length(text) + 1);
    this.points = new Uint32Array(text.length + 1);
    let [point, unit] = [0, 0];
    for (const character of text) {
      this.units[point] = unit;
      this.points.fill(point, unit, unit + character.length);
      point += 1;
      unit += character.length;
    }
    this.units[point] = unit;
    this.points[unit] = point;
  }

  unit(point) {
    return this.units ? this.units[point] : point;
  }

  point(unit) {
    return this.points ? this.points[unit] : unit;
  }
}
