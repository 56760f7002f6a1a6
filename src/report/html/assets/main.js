// The page's JSON becomes its sections; docs/html-report.md describes it.

{
    const source = get("report"), report = JSON.parse(source.textContent);
    source.textContent = ""; // the text is not needed twice
    document.documentElement.classList.add("script");
    showTiles(report);
    showTrainer(report);
    showRules(report);
    showPlaces(report);
    showStatistics(report);
    showTable(report);
    watchRules();
}
