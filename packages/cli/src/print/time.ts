const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** `0.2 s`, `12 s`, `1 min 24 s`, `2 h 5 min` */
export function duration(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / second).toFixed(1)} s`
  const whole = Math.round(milliseconds / second) * second
  if (whole < minute) return `${whole / second} s`
  if (whole < hour) return `${Math.floor(whole / minute)} min ${(whole % minute) / second} s`
  return `${Math.floor(whole / hour)} h ${Math.floor((whole % hour) / minute)} min`
}

/** `2 days`, `5 hours`, `12 minutes`: rounded down. */
export function timeLeft(milliseconds: number): string {
  if (milliseconds >= 2 * day) return `${Math.floor(milliseconds / day)} days`
  if (milliseconds >= 2 * hour) return `${Math.floor(milliseconds / hour)} hours`
  const minutes = Math.max(0, Math.floor(milliseconds / minute))
  return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
}
