/** A run's report while it is being trained: {@link gradus.dashboard.Dashboard}. */
package gradus.dashboard;
