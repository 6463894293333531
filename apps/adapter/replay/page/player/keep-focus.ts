/** A button that was pressed with a pointer does not take the focus: the next space bar means play, not "once more". */
export function keepFocus(event: PointerEvent): void {
  event.preventDefault();
}
