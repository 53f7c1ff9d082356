/** The one distribution that is used of jStat, which brings no types. */
declare module 'jstat' {
  const jStat: { studentt: { inv(p: number, degreesOfFreedom: number): number } };
  export default jStat;
}
