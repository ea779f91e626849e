/**
 * What can be said of a run from its learning curves alone: of one that has ended, or of another
 * framework's. {@link gradus.doctor.curves.CurveReader} is where to begin.
 */
package gradus.doctor.curves;
