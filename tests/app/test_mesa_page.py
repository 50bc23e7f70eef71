"""Mesa's own page takes the model as any other: for notebooks that look at one world alone."""

import pytest

from sim.model import CommerceModel


@pytest.fixture
def reacton():
    pytest.importorskip("solara")
    return pytest.importorskip("reacton")


def test_mesas_page_draws_what_the_model_collects(reacton, tiny_file):
    from ipywidgets import Image
    from mesa.visualization import SolaraViz, make_plot_component

    model = CommerceModel(tiny_file)
    model.run_until("2015-03-31")
    drawn = make_plot_component({"open_shops": "#0072B2", "active_stores": "#C14A00"})
    _, page = reacton.render(SolaraViz(model, components=[drawn]), handle_error=False)
    try:
        assert bytes(page.find(Image).widgets[0].value).startswith(b"\x89PNG")
    finally:
        page.close()


def test_mesas_buttons_step_the_model(reacton, tiny_file):
    import ipyvuetify
    import solara
    from mesa.visualization.solara_viz import ModelController

    model = CommerceModel(tiny_file)
    controls = ModelController(solara.reactive(model), render_interval=solara.reactive(2))
    _, page = reacton.render(controls, handle_error=False)
    try:
        buttons = page.find(ipyvuetify.Btn).widgets
        (step,) = [button for button in buttons if "Step" in button.children]
        step.click()
    finally:
        page.close()
    assert model.date.isoformat() == "2015-01-03"
