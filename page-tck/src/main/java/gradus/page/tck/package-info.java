/** What every page for people must do, tried in a real browser without a window. */
package gradus.page.tck;
