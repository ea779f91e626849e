/** The training loop, and the reports through which everything else watches it. */
package gradus.train;
