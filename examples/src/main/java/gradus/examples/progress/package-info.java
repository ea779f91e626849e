/** Shows a person how far things are. */
package gradus.examples.progress;
