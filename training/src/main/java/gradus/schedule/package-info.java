/** How the learning rate changes over a run. */
package gradus.schedule;
