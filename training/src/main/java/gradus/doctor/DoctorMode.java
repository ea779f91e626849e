package gradus.doctor;

/** How much the doctor may do. */
public enum DoctorMode {
  /** Looks at what the run does anyway, and takes small samples. */
  WATCH,
  /**
   * Also tries, once there is a symptom, what would remove it: for a few steps on a copy of the
   * run's state, which is then put back to the bit. The default.
   */
  PROBE,
  /** Also applies the remedy of a confirmed cause to the run, if it is one that can be applied. */
  TREAT
}
